// X's settings as an authorization server; see provider.h.
#include "x/provider.h"

#include <utility>

namespace pigeon::x {
namespace {

constexpr seconds kAccessTokenLife{7200};

bool has_scope(std::string_view granted, std::string_view wanted) {
  while (!granted.empty()) {
    const std::size_t space = granted.find(' ');
    if (granted.substr(0, space) == wanted) return true;
    granted.remove_prefix(space == std::string_view::npos ? granted.size() : space + 1);
  }
  return false;
}

}  // namespace

oauth::OAuth2Client oauth2_client(std::string client_id, std::string client_secret, std::string authorize_url,
                                  std::string_view api_url, std::string redirect_uri) {
  oauth::Provider provider{.authorize_url = std::move(authorize_url),
                           .token_url = std::string(api_url) + "/2/oauth2/token",
                           .revoke_url = std::string(api_url) + "/2/oauth2/revoke",
                           .device_url = {},
                           .issuer = {},  // X publishes none (RFC 8414) and sends none today
                           .scope = std::string(kScopes),
                           .authentication = oauth::ClientAuthentication::basic,
                           .refresh_tokens = oauth::RefreshTokens::rotate,
                           .usual_life = kAccessTokenLife,
                           // A wrong client_id reads almost the same and must not pass for a dead token.
                           .dead_grant_words = {"Value passed for the token was invalid.",
                                                "Value passed for the authorization code was invalid.",
                                                "Value passed for the code verifier did not match"}};
  return {.provider = std::move(provider),
          .client_id = std::move(client_id),
          .client_secret = std::move(client_secret),
          .redirect_uri = std::move(redirect_uri)};
}

oauth::OAuth2Client app_client(std::string consumer_key, std::string consumer_secret,
                               std::string_view api_url) {
  oauth::Provider provider{
      .authorize_url = {},
      .token_url = std::string(api_url) + "/oauth2/token",
      .revoke_url = {},
      .device_url = {},
      .issuer = {},
      .scope = {},
      .authentication = oauth::ClientAuthentication::basic_alone,
      .refresh_tokens = oauth::RefreshTokens::none,
  };
  return {.provider = std::move(provider),
          .client_id = std::move(consumer_key),
          .client_secret = std::move(consumer_secret),
          .redirect_uri = {}};
}

oauth::OAuth1Client oauth1_client(std::string consumer_key, std::string consumer_secret,
                                  std::string_view api_url) {
  const std::string base(api_url);
  return {.consumer_key = std::move(consumer_key),
          .consumer_secret = std::move(consumer_secret),
          .request_token_url = base + "/oauth/request_token",
          .authorize_url = base + "/oauth/authorize",
          .access_token_url = base + "/oauth/access_token",
          .invalidate_url = base + "/1.1/oauth/invalidate_token.json"};
}

bool may_write(std::string_view access_level) {
  return access_level.empty() || access_level.starts_with("read-write");
}

bool may_post(std::string_view granted_scope) {
  return granted_scope.empty() ||
         (has_scope(granted_scope, "tweet.write") && has_scope(granted_scope, "offline.access"));
}

}  // namespace pigeon::x
