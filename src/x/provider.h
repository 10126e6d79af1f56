// X as an authorization server: its endpoints, what we ask for, and where its answers leave RFC 6749.
#pragma once

#include <string>
#include <string_view>

#include "oauth/oauth1.h"
#include "oauth/oauth2.h"

namespace pigeon::x {

inline constexpr std::string_view kScopes = "tweet.read tweet.write users.read offline.access media.write";

// The client of X's users at X (or at the sandbox): token at <api_url>/2/oauth2/token, revoke at
// <api_url>/2/oauth2/revoke.
[[nodiscard]] oauth::OAuth2Client oauth2_client(std::string client_id, std::string client_secret,
                                                std::string authorize_url, std::string_view api_url,
                                                std::string redirect_uri);

// The consumer at X: all its endpoints are below `api_url`. `consumer_key` is empty where the operator has
// none.
[[nodiscard]] oauth::OAuth1Client oauth1_client(std::string consumer_key, std::string consumer_secret,
                                                std::string_view api_url);

// Whether X's x-access-level lets us post; what X does not say is no obstacle.
[[nodiscard]] bool may_write(std::string_view access_level);

// The app itself, which proves its consumer key and secret by client credentials at <api_url>/oauth2/token;
// the token has no end of its own. A wrong pair is answered with code 99.
[[nodiscard]] oauth::OAuth2Client app_client(std::string consumer_key, std::string consumer_secret,
                                             std::string_view api_url);

// Whether a granted scope lets us post, and go on posting after two hours. An empty one is what was asked for
// (RFC 6749 §5.1).
[[nodiscard]] bool may_post(std::string_view granted_scope);

}  // namespace pigeon::x
