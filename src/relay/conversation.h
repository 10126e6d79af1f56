// What to do with one whole text: command, text-back code, post, or a link for somebody we do not know. Also
// the SMS about a pairing that has ended. Nothing here waits for the network: what has to be asked there
// becomes a job of the other lane.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/phone_number.h"
#include "relay/commands.h"
#include "relay/office.h"

namespace pigeon::relay {

class Conversation {
 public:
  // Borrowed; belongs to one worker.
  explicit Conversation(const Office& office);

  // Settles a JobKind::text. Throws StorageError, and then nothing has happened.
  void decide(const store::Job& job);
  // Settles a JobKind::announcement: tells the person how the pairing ended.
  void announce(const store::Job& job);
  // Settles a JobKind::expiry: ends a pairing whose code was not texted in time.
  void expire(const store::Job& job);
  // Settles a JobKind::erasure: a batch of what somebody who said STOP has left.
  void erase(const store::Job& job);

 private:
  struct Text;
  void start(const Text& text);
  void post(const Text& text, const std::string& words);
  void take_code(const Text& text, std::string_view digits);
  void ask_x_for_link(const Text& text);
  void take_pin(store::Transaction& transaction, const Text& text);
  void link(store::Transaction& transaction, const Text& text, std::int64_t pairing);
  void plan_post(const Text& text, const std::string& words);
  void stop(const Text& text);
  void hear_after_stop(const Text& text, const Command& command);
  void clear_up(store::Transaction& transaction, const Text& text);
  void answer(const Text& text, const std::string& reply, std::string_view note);
  // Whether the reply is queued, for commit_settled().
  bool answer(store::Transaction& transaction, const Text& text, store::NewReply reply,
              std::string_view note);
  void close(store::Transaction& transaction, const Text& text, std::string_view note);
  void finish(const store::Job& job);
  [[nodiscard]] std::string linked_username(const PhoneNumber& phone);

  const Office& office_;
  store::Store& store_;
};

}  // namespace pigeon::relay
