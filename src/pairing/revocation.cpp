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

}  // namespace pigeon::pairing
