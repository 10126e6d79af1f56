// The device authorization grant (RFC 8628): the person types a short code at the provider's page, on
// whatever device, and we ask until he has. X has none; other networks do.
//
//   begin() ──→ pending ──poll(), not before next_poll()──→ pending   "authorization_pending", "slow_down"
//                  │                                          │        or no answer: later, and more rarely
//                  ├──→ granted    tokens()                   │
//                  ├──→ refused    the person said no         └──→ … until the device code's time is up
//                  ├──→ expired    by the server's word or by the clock
//                  └──→ failed     error() says what it was
#pragma once

#include <string>

#include "base/clock.h"
#include "net/http_client.h"
#include "oauth/token_endpoint.h"

namespace pigeon::oauth {

// One request for a grant, from the code to its end. Sleeps nowhere: the caller polls when it is time. Not
// thread-safe.
class DeviceGrant {
 public:
  enum class State { pending, granted, refused, expired, failed };

  // Asks the provider's device_url (§3.1) for what its `scope` says. `client` is copied.
  [[nodiscard]] static TokenResult<DeviceGrant> begin(net::HttpClient& http, const OAuth2Client& client,
                                                      SteadyTime now);
  // Asks the token endpoint once (§3.4) if it is time; otherwise, and once it is over, nothing is sent.
  State poll(net::HttpClient& http, SteadyTime now);

  [[nodiscard]] State state() const { return state_; }
  // For the person (§3.2). Foreign words without control characters: escape them where they are shown.
  [[nodiscard]] const std::string& user_code() const { return user_code_; }
  [[nodiscard]] const std::string& verification_uri() const { return verification_uri_; }
  // With the code in it; empty: the server gave none.
  [[nodiscard]] const std::string& verification_uri_complete() const { return verification_uri_complete_; }
  [[nodiscard]] SteadyTime ends() const { return ends_; }
  [[nodiscard]] SteadyTime next_poll() const { return next_poll_; }
  [[nodiscard]] const Tokens& tokens() const { return tokens_; }    // of `granted`
  [[nodiscard]] const TokenError& error() const { return error_; }  // of the latest poll that brought none

 private:
  explicit DeviceGrant(OAuth2Client client) : client_(std::move(client)) {}
  State judge(const TokenError& error, SteadyTime now);

  OAuth2Client client_;
  std::string device_code_;
  std::string user_code_;
  std::string verification_uri_;
  std::string verification_uri_complete_;
  SteadyTime ends_{};
  SteadyTime next_poll_{};
  seconds interval_{0};
  State state_ = State::pending;
  Tokens tokens_;
  TokenError error_;
};

}  // namespace pigeon::oauth
