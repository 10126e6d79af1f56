// Posts one text, with everything that can happen on the way: token refresh, X's errors, lost answers. The
// intent is committed before the POST leaves, and its end together with the reply to the person in one
// transaction.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/phone_number.h"
#include "pairing/tokens.h"
#include "store/store.h"
#include "x/x_client.h"

namespace pigeon::relay {

class Poster {
 public:
  // Everything is borrowed; belongs to one dispatcher thread.
  Poster(store::Store& store, pairing::Tokens& tokens, x::XClient& x);

  enum class End {
    settled,     // posted, refused or kept: the store knows, a reply may be queued
    link_again,  // the person must link again; the message is still open
  };
  // Posts `text` for the account of `phone`. May take as long as a refresh and two POSTs. Throws
  // StorageError.
  [[nodiscard]] End post(const store::Message& message, const PhoneNumber& phone, const std::string& text);

 private:
  [[nodiscard]] End settle(const store::Message& message, const std::string& text, const x::XError& error);
  void posted(const store::Message& message, const std::string& text, const std::string& post_id);
  void refuse(const store::Message& message, const std::string& reply, const std::string& note);
  void keep(const store::Message& message, UtcTime due_at, bool maybe_sent, const std::string& why);

  store::Store& store_;
  pairing::Tokens& tokens_;
  x::XClient& x_;
};

}  // namespace pigeon::relay
