// The app's own token; see client_credentials.h.
#include "oauth/client_credentials.h"

#include <utility>

namespace pigeon::oauth {
namespace {

constexpr seconds kLeeway{60};  // a token that is used now must still live when it arrives

}  // namespace

TokenResult<Tokens> client_credentials(net::HttpClient& http, const OAuth2Client& client) {
  auto tokens =
      ask_for_tokens(http, client, {{"grant_type", "client_credentials"}, {"scope", client.provider.scope}},
                     {}, RefreshTokens::none);
  if (tokens) tokens->refresh_token.clear();
  return tokens;
}

AppToken::AppToken(OAuth2Client client) : client_(std::move(client)) {}

TokenResult<std::string> AppToken::get(net::HttpClient& http, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (!token_.empty() && (!ends_ || now + kLeeway < *ends_)) return token_;
  const auto tokens = client_credentials(http, client_);
  if (!tokens) return tl::make_unexpected(tokens.error());
  token_ = tokens->access_token;
  ends_.reset();
  if (tokens->expires_in) ends_ = now + *tokens->expires_in;
  return token_;
}

void AppToken::refused(std::string_view token) {
  const std::lock_guard lock(mutex_);
  if (token_ == token) token_.clear();
}

}  // namespace pigeon::oauth
