// The client credentials grant (RFC 6749 §4.4): a token of the app itself, which acts for nobody.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/http_client.h"
#include "oauth/token_endpoint.h"

namespace pigeon::oauth {

// One request; a refresh token in the answer is let go, as §4.4.3 has none. Blocks for as long as `http` lets
// it take.
[[nodiscard]] TokenResult<Tokens> client_credentials(net::HttpClient& http, const OAuth2Client& client);

// The app's token, asked for when there is none that lives for another minute. Thread-safe: one request at a
// time, and whoever comes meanwhile waits for its token. A failure is not kept: the next one asks again.
class AppToken {
 public:
  explicit AppToken(OAuth2Client client);
  AppToken(const AppToken&) = delete;
  AppToken& operator=(const AppToken&) = delete;

  // `http` is the calling thread's; unused where a token is at hand.
  [[nodiscard]] TokenResult<std::string> get(net::HttpClient& http, SteadyTime now = steady_now());
  // The API refused `token`: the next get() asks for another, unless somebody has one already.
  void refused(std::string_view token);

 private:
  const OAuth2Client client_;
  std::mutex mutex_;  // guards what follows; held across the request
  std::string token_;
  std::optional<SteadyTime> ends_;  // nothing: when it is refused
};

}  // namespace pigeon::oauth
