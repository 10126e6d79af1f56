// What to do with one whole text: command, text-back code, post, or a link for somebody we do not know. Also
// the SMS about pairings that ended on the web.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/phone_number.h"
#include "pairing/settings.h"
#include "relay/poster.h"
#include "relay/settings.h"
#include "store/store.h"
#include "x/x_client.h"

namespace pigeon::relay {

class Conversation {
 public:
  // Everything is borrowed; belongs to one dispatcher thread. `x`: for ending grants.
  Conversation(const RelaySettings& settings, const pairing::PairingSettings& pairing, store::Store& store,
               x::XClient& x, Poster& poster);

  // Brings `message` to its next state in the store, with the reply it deserves.
  void handle(const store::Message& message);
  // Texts people what became of their link; revokes grants whose code never came back. True: replies were
  // queued.
  bool announce_pairings(UtcTime now);

 private:
  bool finish_pairing(const store::Message& message, const PhoneNumber& phone, std::string_view text);
  void offer_link(const store::Message& message, const PhoneNumber& phone, bool again);
  void stop(const store::Message& message, const PhoneNumber& phone);
  [[nodiscard]] bool revoke(const store::Credentials& credentials);
  void answer(const store::Message& message, const std::string& reply, std::string_view note);
  [[nodiscard]] std::string linked_username(const PhoneNumber& phone);

  const RelaySettings& settings_;
  const pairing::PairingSettings& pairing_;
  store::Store& store_;
  x::XClient& x_;
  Poster& poster_;
};

}  // namespace pigeon::relay
