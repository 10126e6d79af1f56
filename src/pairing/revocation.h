// Ending a grant at X, for a person who stops and for a grant that nobody will hold.
#pragma once

#include <string>
#include <string_view>

#include "net/http_client.h"
#include "oauth/oauth1.h"
#include "oauth/oauth2.h"

namespace pigeon::pairing {

// The tokens of one grant; empty ones are not there.
struct Grant {
  const std::string& refresh_token;
  const std::string& access_token;
};

// Revokes both tokens (RFC 7009), each with at most `tries`: the refresh token ends the whole grant; the
// access token is named too, in case X keeps it alive for its two hours. False: X could not be reached, which
// is logged. On the calling thread, for as long as `http` allows.
[[nodiscard]] bool end_grant(net::HttpClient& http, const oauth::OAuth2Client& client, const Grant& grant,
                             int tries);

// The same for a token of OAuth 1.0a. One whose consumer key is not in use any more cannot be ended by us,
// and nobody can use it either: true.
[[nodiscard]] bool end_token(net::HttpClient& http, const oauth::OAuth1Client& consumer,
                             const oauth::OAuth1Token& token, std::string_view consumer_key, UtcTime now);

}  // namespace pigeon::pairing
