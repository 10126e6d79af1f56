// OAuth 2.0 authorization code grant with PKCE (RFC 6749, RFC 7636 S256), refresh and revocation (RFC 7009)
// with any authorization server. No state of its own: who may call when is the caller's matter.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shared_secret.h"
#include "net/http_client.h"

namespace pigeon::oauth {

// One registered client at one authorization server. The three endpoints are whole URLs.
struct OAuth2Client {
  std::string client_id;
  SharedSecret client_secret;  // empty: public client (client_id in the body, no Basic)
  std::string authorize_url;
  std::string token_url;
  std::string revoke_url;
  std::string redirect_uri;  // exactly as registered
  std::string scope;         // asked for, separated by spaces (RFC 6749 §3.3)
  // How the server's error_description begins when it says `invalid_request` of a code or token that is dead.
  std::vector<std::string_view> dead_grant_words{};
};

struct Tokens {
  std::string access_token;
  std::string refresh_token;  // never empty: whoever gives none is not of use here
  std::chrono::seconds expires_in{0};
  std::string scope;
};

// What an exchange or a refresh that brought no tokens means. Only grant_dead unlinks anybody.
enum class TokenFailure {
  grant_dead,       // this code or refresh token will never work again: link again
  client_rejected,  // the operator's client id, secret or redirect is wrong; users are not to blame
  malformed,        // answered, but not with what RFC 6749 §5 asks for; the old token may be spent
  uncertain,        // sent, and no answer (or 5xx): the old token may be spent; trying it once more tells
  unreachable,      // certainly not carried out (no connection, or 429): the old token is still good
};
struct TokenError {
  TokenFailure failure = TokenFailure::uncertain;
  std::string message;    // for the operator's log, never a secret
  bool answered = false;  // the server said so; false: no whole answer came
  // How long the server asks to be left alone (RFC 9110 §10.2.3, in seconds; a date is not read); a day at
  // most.
  std::optional<std::chrono::seconds> retry_after{};
};
template <typename T>
using TokenResult = tl::expected<T, TokenError>;

// RFC 7636 §4.1: 43 unreserved characters from 32 random octets.
[[nodiscard]] std::string make_verifier();
// RFC 7636 §4.2: base64url(SHA-256(verifier)).
[[nodiscard]] std::string challenge_s256(std::string_view verifier);

// Where to send the browser (RFC 6749 §4.1.1); `state` comes back with it and ties the answer to the request.
[[nodiscard]] std::string authorize_url(const OAuth2Client& client, std::string_view state,
                                        std::string_view challenge);
// One code for one pair of tokens (§4.1.3). Blocks for as long as `http` lets a request take; never repeated.
[[nodiscard]] TokenResult<Tokens> exchange_code(net::HttpClient& http, const OAuth2Client& client,
                                                std::string_view code, std::string_view verifier);
// A new pair for the old refresh token (§6), which many servers spend by it: commit that it is under way
// before, and the new pair before using it.
[[nodiscard]] TokenResult<Tokens> refresh(net::HttpClient& http, const OAuth2Client& client,
                                          std::string_view refresh_token);
// Succeeds for unknown tokens too (RFC 7009 §2.2); a retryable error otherwise.
[[nodiscard]] Result<void> revoke(net::HttpClient& http, const OAuth2Client& client, std::string_view token);

}  // namespace pigeon::oauth
