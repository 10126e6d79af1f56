// The token endpoint's side of OAuth 2.0: form-encoded requests, JSON answers, and the sorting of every
// answer into what it means for the account (TokenFailure).
#include "x/oauth2.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/text.h"
#include "x/json.h"
#include "x/redact.h"

namespace pigeon::x {
namespace {

constexpr std::size_t kVerifierOctets = 32;
constexpr long long kMaxLifeSeconds = 10LL * 365 * 86400;

using Form = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// application/x-www-form-urlencoded; a space may be %20 as well as "+", and X wants %20 in the scope.
std::string form_encode(Form fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(percent_encode(value));
  }
  return out;
}

// RFC 6749 §2.3.1: id and secret are form-encoded before they are joined.
std::string basic_credentials(const OAuth2Client& client) {
  const std::string pair = percent_encode(client.client_id) + ":" + percent_encode(client.client_secret);
  return base64({reinterpret_cast<const std::uint8_t*>(pair.data()), pair.size()});
}

HttpRequest form_request(const OAuth2Client& client, const std::string& url, Form fields) {
  HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = {"Content-Type: application/x-www-form-urlencoded", "Accept: application/json"};
  if (!client.client_secret.empty()) {
    request.headers.push_back("Authorization: Basic " + basic_credentials(client));
  }
  request.body = form_encode(fields);
  return request;
}

// RFC 6749 App. A.12 without the space, since a token becomes part of an Authorization header.
bool is_token(std::string_view token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

// X says `invalid_request` where RFC 6749 §5.2 says `invalid_grant`, and tells what it means only in words. A
// wrong client_id reads almost the same and must not pass for a dead token.
bool is_dead_grant(std::string_view error, std::string_view description) {
  constexpr std::array<std::string_view, 3> kWords{"Value passed for the token was invalid.",
                                                   "Value passed for the authorization code was invalid.",
                                                   "Value passed for the code verifier did not match"};
  if (error == "invalid_grant") return true;
  return error == "invalid_request" &&
         std::any_of(kWords.begin(), kWords.end(),
                     [description](std::string_view words) { return description.starts_with(words); });
}

TokenFailure failure_of(int status, std::string_view error, std::string_view description) {
  if (status == 429) return TokenFailure::unreachable;
  if (status >= 500 || error == "server_error" || error == "temporarily_unavailable")
    return TokenFailure::uncertain;
  if (status < 400 || error.empty()) return TokenFailure::malformed;
  if (status == 400 && is_dead_grant(error, description)) return TokenFailure::grant_dead;
  return TokenFailure::client_rejected;
}

// X's front answers in X's own problem form instead ("title", "detail").
TokenError read_error(const HttpResponse& response, std::initializer_list<std::string_view> secrets) {
  std::string error;
  std::string description;
  if (const auto body = parse_json_object(response.body)) {
    error = string_member(*body, "error");
    description = string_member(*body, "error_description");
    if (error.empty()) {
      error = string_member(*body, "title");
      description = string_member(*body, "detail");
    }
  }
  std::string message = "token endpoint: HTTP " + std::to_string(response.status);
  if (!error.empty()) message += " " + error;
  if (!description.empty()) message += ": " + description;
  return {failure_of(response.status, error, description), redact(message, secrets)};
}

TokenResult<Tokens> malformed(std::string_view why) {
  return tl::make_unexpected(TokenError{TokenFailure::malformed, "token endpoint: " + std::string(why)});
}

// RFC 6749 §5.1.
TokenResult<Tokens> read_tokens(const HttpResponse& response) {
  const auto body = parse_json_object(response.body);
  if (!body) return malformed("the answer is not a JSON object");
  Tokens tokens;
  tokens.access_token = string_member(*body, "access_token");
  tokens.refresh_token = string_member(*body, "refresh_token");
  tokens.scope = string_member(*body, "scope");
  const auto expires_in = integer_member(*body, "expires_in");
  if (!is_token(tokens.access_token)) return malformed("the answer has no access_token");
  if (!is_token(tokens.refresh_token)) return malformed("the answer has no refresh_token");
  if (!ascii_iequals(string_member(*body, "token_type"), "bearer"))
    return malformed("the token_type is not bearer");
  if (!expires_in || *expires_in <= 0) return malformed("the answer has no expires_in");
  tokens.expires_in = std::chrono::seconds(std::min(*expires_in, kMaxLifeSeconds));
  return tokens;
}

TokenResult<Tokens> ask(HttpClient& http, const HttpRequest& request,
                        std::initializer_list<std::string_view> secrets) {
  const auto response = http.send(request);
  if (!response) {
    const bool sent = response.error().code == Errc::outcome_unknown;
    return tl::make_unexpected(TokenError{sent ? TokenFailure::uncertain : TokenFailure::unreachable,
                                          redact(response.error().message, secrets)});
  }
  if (response->status == 200) return read_tokens(*response);
  return tl::make_unexpected(read_error(*response, secrets));
}

}  // namespace

OAuth2Client x_oauth2_client(std::string client_id, std::string client_secret, std::string authorize_url,
                             std::string_view api_url, std::string redirect_uri) {
  return {.client_id = std::move(client_id),
          .client_secret = std::move(client_secret),
          .authorize_url = std::move(authorize_url),
          .token_url = std::string(api_url) + "/2/oauth2/token",
          .revoke_url = std::string(api_url) + "/2/oauth2/revoke",
          .redirect_uri = std::move(redirect_uri)};
}

std::string random_token(std::size_t octets) {
  std::vector<std::uint8_t> random(octets);
  if (RAND_bytes(random.data(), static_cast<int>(octets)) != 1) {
    throw std::runtime_error("OpenSSL has no randomness to give");
  }
  return base64url(random);
}

std::string make_verifier() {
  return random_token(kVerifierOctets);
}

std::string challenge_s256(std::string_view verifier) {
  std::array<std::uint8_t, 32> hash{};
  if (EVP_Digest(verifier.data(), verifier.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL has no SHA-256");
  }
  return base64url(hash);
}

std::string authorize_url(const OAuth2Client& client, std::string_view state, std::string_view challenge) {
  const char first = client.authorize_url.find('?') == std::string::npos ? '?' : '&';
  return client.authorize_url + first +
         form_encode({{"response_type", "code"},
                      {"client_id", client.client_id},
                      {"redirect_uri", client.redirect_uri},
                      {"scope", kScopes},
                      {"state", state},
                      {"code_challenge", challenge},
                      {"code_challenge_method", "S256"}});
}

TokenResult<Tokens> exchange_code(HttpClient& http, const OAuth2Client& client, std::string_view code,
                                  std::string_view verifier) {
  const auto request = form_request(client, client.token_url,
                                    {{"grant_type", "authorization_code"},
                                     {"code", code},
                                     {"redirect_uri", client.redirect_uri},
                                     {"code_verifier", verifier},
                                     {"client_id", client.client_id}});
  return ask(http, request, {code, verifier, client.client_secret});
}

TokenResult<Tokens> refresh(HttpClient& http, const OAuth2Client& client, std::string_view refresh_token) {
  const auto request = form_request(
      client, client.token_url,
      {{"grant_type", "refresh_token"}, {"refresh_token", refresh_token}, {"client_id", client.client_id}});
  return ask(http, request, {refresh_token, client.client_secret});
}

Result<void> revoke(HttpClient& http, const OAuth2Client& client, std::string_view token) {
  const auto response =
      http.send(form_request(client, client.revoke_url, {{"token", token}, {"client_id", client.client_id}}));
  if (!response) return fail("revoke", response.error());
  if (response->status == 200) return {};
  const TokenError error = read_error(*response, {token, client.client_secret});
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

}  // namespace pigeon::x
