// Revoking tokens; see revocation.h.
#include "pairing/revocation.h"

#include "base/log.h"

namespace pigeon::pairing {

bool end_grant(net::HttpClient& http, const oauth::OAuth2Client& client, const Grant& grant, int tries) {
  bool ended = true;
  for (const std::string* token : {&grant.refresh_token, &grant.access_token}) {
    if (token->empty()) continue;
    auto revoked = oauth::revoke(http, client, *token);
    for (int left = tries - 1; left > 0 && !revoked && revoked.error().retryable(); --left)
      revoked = oauth::revoke(http, client, *token);
    if (revoked) continue;
    log::warning("tokens", "a token could not be revoked and may live on at X: " + revoked.error().message);
    ended = false;
  }
  return ended;
}

bool end_token(net::HttpClient& http, const oauth::OAuth1Client& consumer, const oauth::OAuth1Token& token,
               std::string_view consumer_key, UtcTime now) {
  if (consumer.consumer_key != consumer_key) {
    log::notice("tokens", "a token of another consumer key than the configured one is given up");
    return true;
  }
  const auto ended = oauth::invalidate(http, consumer, token, now);
  if (!ended)
    log::warning("tokens", "a token could not be ended and may live on at X: " + ended.error().message);
  return ended.has_value();
}

}  // namespace pigeon::pairing
