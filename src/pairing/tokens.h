// A valid access token for a phone: use it while it lives, refresh it when it has expired, and say when only
// linking again helps. Refreshing is single-flight, because the dispatcher works on one message of a phone at
// a time.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/phone_number.h"
#include "net/http_client.h"
#include "pairing/settings.h"
#include "store/store.h"

namespace pigeon::pairing {

struct Bearer {
  std::string access_token;
  std::string x_user_id;
};
struct LinkAgain {};            // no account, or the grant is dead
struct TryLater {               // X's token endpoint cannot be used now; nobody is unlinked
  bool operator_fault = false;  // our client id or secret was refused
};
using TokenOutcome = std::variant<Bearer, LinkAgain, TryLater>;

class Tokens {
 public:
  // Everything is borrowed; belongs to one dispatcher thread.
  Tokens(const PairingSettings& settings, store::Store& store, net::HttpClient& http);

  // Refreshes when the token has less than a minute to live, which takes a request to X; the new pair is
  // committed before it is given out.
  [[nodiscard]] TokenOutcome bearer(const PhoneNumber& phone, UtcTime now);
  // After X refused `rejected_token` although its time was not up.
  [[nodiscard]] TokenOutcome refreshed(const PhoneNumber& phone, const std::string& rejected_token,
                                       UtcTime now);
  // Ends the grant at X (RFC 7009). False: X could not be reached.
  [[nodiscard]] bool revoke(const store::Credentials& credentials);

 private:
  [[nodiscard]] TokenOutcome refresh(const PhoneNumber& phone, const store::Credentials& old, UtcTime now);
  [[nodiscard]] std::optional<TokenOutcome> overtaken(const PhoneNumber& phone,
                                                      const store::Credentials& old);

  const PairingSettings& settings_;
  store::Store& store_;
  net::HttpClient& http_;
};

}  // namespace pigeon::pairing
