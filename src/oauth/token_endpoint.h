// Asking a token endpoint, and what its answers mean: the part that every grant type shares.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/http_client.h"
#include "oauth/provider.h"

namespace pigeon::oauth {

struct Tokens {
  std::string access_token;
  std::string refresh_token;  // never empty, unless the provider's grants may do without (RefreshTokens)
  std::optional<std::chrono::seconds> expires_in{};  // ten years at most; nothing: valid until it is refused
  std::string scope;                                 // empty: what was asked for (RFC 6749 §5.1)
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
  // The server's own word: `error` of RFC 6749 §5.2 or RFC 8628 §3.5, a number in X's v1.1 form; empty
  // without one.
  std::string code{};
  std::string message;    // for the operator's log, never a secret
  bool answered = false;  // the server said so; false: no whole answer came
  // How long the server asks to be left alone (RFC 9110 §10.2.3, in seconds; a date is not read); a day at
  // most.
  std::optional<std::chrono::seconds> retry_after{};
};
template <typename T>
using TokenResult = tl::expected<T, TokenError>;

// The fields of a form, in their order; an empty value is left out.
using Form = std::vector<std::pair<std::string_view, std::string_view>>;

// application/x-www-form-urlencoded; a space is %20, since not every server reads "+" in a scope.
[[nodiscard]] std::string form_encode(const Form& fields);
// A POST of `fields` by this client, which it proves in the provider's way; `url` is one of the provider's.
// `secrets` are those of the fields: they, the client's own and all their forms are kept out of messages. Any
// status up to 599 is a success. Blocks for as long as `http` lets a request take; never repeated.
[[nodiscard]] TokenResult<net::HttpResponse> post_form(net::HttpClient& http, const OAuth2Client& client,
                                                       const std::string& url, Form fields,
                                                       const std::vector<std::string>& secrets);
// What an answer that is no success means (RFC 6749 §5.2; also RFC 9457's problem form, and X's v1.1 form).
[[nodiscard]] TokenError read_error(const OAuth2Client& client, const net::HttpResponse& response,
                                    const std::vector<std::string>& secrets);
// An answer of the token endpoint (RFC 6749 §5.1); what lacks a refresh token is judged by `refresh_tokens`.
[[nodiscard]] TokenResult<Tokens> read_tokens(const OAuth2Client& client, const net::HttpResponse& response,
                                              RefreshTokens refresh_tokens);
// Both of them at the token endpoint: 200 is a success.
[[nodiscard]] TokenResult<Tokens> ask_for_tokens(net::HttpClient& http, const OAuth2Client& client,
                                                 const Form& fields, const std::vector<std::string>& secrets,
                                                 RefreshTokens refresh_tokens);
// RFC 6749 App. A.12 without the space: what may become part of a header or a form.
[[nodiscard]] bool is_token(std::string_view token);
// An answer that does not say what it must.
[[nodiscard]] TokenError malformed(std::string_view why);

}  // namespace pigeon::oauth
