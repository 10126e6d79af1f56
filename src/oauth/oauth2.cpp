// The token endpoint's side of OAuth 2.0: form-encoded requests, JSON answers, and the sorting of every
// answer into what it means for the account (TokenFailure).
#include "oauth/oauth2.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/text.h"
#include "net/json.h"
#include "net/redact.h"

namespace pigeon::oauth {
namespace {

constexpr std::size_t kVerifierOctets = 32;
constexpr long long kMaxLifeSeconds = 10LL * 365 * 86400;
constexpr long long kLongestRetryAfter = 86400;

using Form = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// application/x-www-form-urlencoded; a space may be %20 as well as "+", which not every server reads in a
// scope.
std::string form_encode(Form fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(percent_encode(value));
  }
  return out;
}

// RFC 6749 §2.3.1: id and secret are form-encoded before they are joined.
std::string basic_credentials(std::string_view client_id, std::string_view secret) {
  const std::string pair = percent_encode(client_id) + ":" + percent_encode(secret);
  return base64({reinterpret_cast<const std::uint8_t*>(pair.data()), pair.size()});
}

net::HttpRequest form_request(const OAuth2Client& client, const std::string& url, Form fields) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = {"Content-Type: application/x-www-form-urlencoded", "Accept: application/json"};
  if (const std::string secret = client.client_secret.get(); !secret.empty())
    request.headers.push_back("Authorization: Basic " + basic_credentials(client.client_id, secret));
  request.body = form_encode(fields);
  return request;
}

// RFC 6749 App. A.12 without the space, since a token becomes part of an Authorization header.
bool is_token(std::string_view token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

// Some servers say `invalid_request` where RFC 6749 §5.2 says `invalid_grant`, and tell what they mean only
// in words.
bool is_dead_grant(const OAuth2Client& client, std::string_view error, std::string_view description) {
  if (error == "invalid_grant") return true;
  return error == "invalid_request" &&
         std::any_of(client.dead_grant_words.begin(), client.dead_grant_words.end(),
                     [description](std::string_view words) { return description.starts_with(words); });
}

TokenFailure failure_of(const OAuth2Client& client, int status, std::string_view error,
                        std::string_view description) {
  if (status == 429) return TokenFailure::unreachable;
  if (status >= 500 || error == "server_error" || error == "temporarily_unavailable")
    return TokenFailure::uncertain;
  if (status < 400 || error.empty()) return TokenFailure::malformed;
  if (status == 400 && is_dead_grant(client, error, description)) return TokenFailure::grant_dead;
  return TokenFailure::client_rejected;
}

std::optional<std::chrono::seconds> retry_after(const net::HttpResponse& response) {
  const auto header = response.headers.find("retry-after");
  if (header == response.headers.end()) return std::nullopt;
  const std::string& text = header->second;
  long long delay = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), delay);
  if (error != std::errc() || end != text.data() + text.size() || delay < 0) return std::nullopt;
  return std::chrono::seconds(std::min(delay, kLongestRetryAfter));
}

// A front may answer in RFC 9457's problem form instead ("title", "detail").
TokenError read_error(const OAuth2Client& client, const net::HttpResponse& response,
                      std::initializer_list<std::string_view> secrets) {
  std::string error;
  std::string description;
  if (const auto body = net::parse_json_object(response.body)) {
    error = net::string_member(*body, "error");
    description = net::string_member(*body, "error_description");
    if (error.empty()) {
      error = net::string_member(*body, "title");
      description = net::string_member(*body, "detail");
    }
  }
  std::string message = "token endpoint: HTTP " + std::to_string(response.status);
  if (!error.empty()) message += " " + error;
  if (!description.empty()) message += ": " + description;
  return {.failure = failure_of(client, response.status, error, description),
          .message = net::redact(message, secrets),
          .answered = true,
          .retry_after = retry_after(response)};
}

TokenResult<Tokens> malformed(std::string_view why) {
  return tl::make_unexpected(TokenError{.failure = TokenFailure::malformed,
                                        .message = "token endpoint: " + std::string(why),
                                        .answered = true});
}

// RFC 6749 §5.1.
TokenResult<Tokens> read_tokens(const net::HttpResponse& response) {
  const auto body = net::parse_json_object(response.body);
  if (!body) return malformed("the answer is not a JSON object");
  Tokens tokens;
  tokens.access_token = net::string_member(*body, "access_token");
  tokens.refresh_token = net::string_member(*body, "refresh_token");
  tokens.scope = net::string_member(*body, "scope");
  const auto expires_in = net::integer_member(*body, "expires_in");
  if (!is_token(tokens.access_token)) return malformed("the answer has no access_token");
  if (!is_token(tokens.refresh_token)) return malformed("the answer has no refresh_token");
  if (!ascii_iequals(net::string_member(*body, "token_type"), "bearer"))
    return malformed("the token_type is not bearer");
  if (!expires_in || *expires_in <= 0) return malformed("the answer has no expires_in");
  tokens.expires_in = std::chrono::seconds(std::min(*expires_in, kMaxLifeSeconds));
  return tokens;
}

TokenResult<Tokens> ask(net::HttpClient& http, const OAuth2Client& client, const net::HttpRequest& request,
                        std::initializer_list<std::string_view> secrets) {
  const auto response = http.send(request);
  if (!response) {
    const bool sent = response.error().code == Errc::outcome_unknown;
    return tl::make_unexpected(
        TokenError{.failure = sent ? TokenFailure::uncertain : TokenFailure::unreachable,
                   .message = net::redact(response.error().message, secrets)});
  }
  if (response->status == 200) return read_tokens(*response);
  return tl::make_unexpected(read_error(client, *response, secrets));
}

}  // namespace

std::string make_verifier() {
  return random_token(kVerifierOctets);
}

std::string challenge_s256(std::string_view verifier) {
  return base64url(sha256(verifier));
}

std::string authorize_url(const OAuth2Client& client, std::string_view state, std::string_view challenge) {
  const char first = client.authorize_url.find('?') == std::string::npos ? '?' : '&';
  return client.authorize_url + first +
         form_encode({{"response_type", "code"},
                      {"client_id", client.client_id},
                      {"redirect_uri", client.redirect_uri},
                      {"scope", client.scope},
                      {"state", state},
                      {"code_challenge", challenge},
                      {"code_challenge_method", "S256"}});
}

TokenResult<Tokens> exchange_code(net::HttpClient& http, const OAuth2Client& client, std::string_view code,
                                  std::string_view verifier) {
  const auto request = form_request(client, client.token_url,
                                    {{"grant_type", "authorization_code"},
                                     {"code", code},
                                     {"redirect_uri", client.redirect_uri},
                                     {"code_verifier", verifier},
                                     {"client_id", client.client_id}});
  return ask(http, client, request, {code, verifier, client.client_secret.get()});
}

TokenResult<Tokens> refresh(net::HttpClient& http, const OAuth2Client& client,
                            std::string_view refresh_token) {
  const auto request = form_request(
      client, client.token_url,
      {{"grant_type", "refresh_token"}, {"refresh_token", refresh_token}, {"client_id", client.client_id}});
  return ask(http, client, request, {refresh_token, client.client_secret.get()});
}

Result<void> revoke(net::HttpClient& http, const OAuth2Client& client, std::string_view token) {
  const auto response =
      http.send(form_request(client, client.revoke_url, {{"token", token}, {"client_id", client.client_id}}));
  if (!response) return fail("revoke", response.error());
  if (response->status == 200) return {};
  const TokenError error = read_error(client, *response, {token, client.client_secret.get()});
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

}  // namespace pigeon::oauth
