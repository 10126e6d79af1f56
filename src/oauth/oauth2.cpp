// The authorization code grant and what follows from it; see oauth2.h.
#include "oauth/oauth2.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/origin.h"
#include "base/text.h"

namespace pigeon::oauth {
namespace {

constexpr std::size_t kVerifierOctets = 32;
constexpr std::size_t kShortestVerifier = 43, kLongestVerifier = 128;  // RFC 7636 §4.1
constexpr std::chrono::hours kNoEnd{24 * 36525};

// RFC 7636 §4.1: what percent-encoding leaves alone.
bool is_verifier(std::string_view verifier) {
  return verifier.size() >= kShortestVerifier && verifier.size() <= kLongestVerifier &&
         percent_encode(verifier) == verifier;
}

}  // namespace

std::string make_verifier() {
  return random_token(kVerifierOctets);
}

std::string challenge_s256(std::string_view verifier) {
  return base64url(sha256(verifier));
}

std::string authorize_url(const OAuth2Client& client, std::string_view state, std::string_view challenge) {
  const Provider& provider = client.provider;
  const char first = provider.authorize_url.find('?') == std::string::npos ? '?' : '&';
  return provider.authorize_url + first +
         form_encode({{"response_type", "code"},
                      {"client_id", client.client_id},
                      {"redirect_uri", client.redirect_uri},
                      {"scope", provider.scope},
                      {"state", state},
                      {"code_challenge", challenge},
                      {"code_challenge_method", "S256"}});
}

bool is_issuer(const Provider& provider, std::string_view issuer) {
  if (!provider.issuer.empty()) return issuer == provider.issuer;
  const std::string origin = origin_of(issuer);
  return !origin.empty() &&
         (origin == origin_of(provider.authorize_url) || origin == origin_of(provider.token_url));
}

TokenResult<Tokens> exchange_code(net::HttpClient& http, const OAuth2Client& client, std::string_view code,
                                  std::string_view verifier) {
  if (!is_verifier(verifier)) return tl::make_unexpected(malformed("not asked: the verifier is none"));
  return ask_for_tokens(
      http, client,
      {{"grant_type", "authorization_code"},
       {"code", code},
       {"redirect_uri", client.redirect_uri},
       {"code_verifier", verifier}},
      {std::string(code), std::string(verifier)},
      // The first one has to come, whether it stays or not.
      client.provider.refresh_tokens == RefreshTokens::none ? RefreshTokens::none : RefreshTokens::rotate);
}

TokenResult<Tokens> refresh(net::HttpClient& http, const OAuth2Client& client,
                            std::string_view refresh_token) {
  auto tokens =
      ask_for_tokens(http, client, {{"grant_type", "refresh_token"}, {"refresh_token", refresh_token}},
                     {std::string(refresh_token)}, client.provider.refresh_tokens);
  if (tokens && tokens->refresh_token.empty()) tokens->refresh_token = refresh_token;
  return tokens;
}

Result<void> revoke(net::HttpClient& http, const OAuth2Client& client, std::string_view token) {
  const std::vector<std::string> secrets = {std::string(token)};
  const auto response = post_form(http, client, client.provider.revoke_url, {{"token", token}}, secrets);
  if (!response) return fail(Errc::busy, "revoke: " + response.error().message, Retry::yes);
  if (response->status == 200) return {};
  const TokenError error = read_error(client, *response, secrets);
  const std::string message = "revoke: " + error.message;
  switch (error.failure) {
    case TokenFailure::grant_dead:  // no token of ours any more: what revoking is for
      return {};
    case TokenFailure::client_rejected:
      return fail(Errc::denied, message);
    case TokenFailure::unreachable:
    case TokenFailure::uncertain:
    case TokenFailure::malformed:
      return fail(Errc::busy, message, Retry::yes);
  }
  return fail(Errc::busy, message, Retry::yes);
}

UtcTime expires_at(const Tokens& tokens, UtcTime now) {
  return tokens.expires_in ? now + *tokens.expires_in : now + kNoEnd;
}

}  // namespace pigeon::oauth
