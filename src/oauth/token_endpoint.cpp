// Form-encoded requests, JSON answers, and the sorting of every answer into what it means for the account
// (TokenFailure); see token_endpoint.h.
#include "oauth/token_endpoint.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "net/json.h"
#include "net/redact.h"

namespace pigeon::oauth {
namespace {

constexpr long long kMaxLifeSeconds = 10LL * 365 * 86400;
constexpr long long kLongestRetryAfter = 86400;
constexpr std::size_t kLongestCode = 64;

// RFC 6749 §2.3.1: id and secret are form-encoded before they are joined.
std::string basic_pair(std::string_view client_id, std::string_view secret) {
  return percent_encode(client_id) + ":" + percent_encode(secret);
}

std::string message_without(const std::string& message, const OAuth2Client& client,
                            const std::vector<std::string>& secrets) {
  std::vector<std::string_view> all(secrets.begin(), secrets.end());
  const std::string secret = client.client_secret.get();
  const std::string pair = secret.empty() ? "" : basic_pair(client.client_id, secret);
  all.insert(all.end(), {secret, pair});
  return net::redact(message, all);
}

// Some servers say `invalid_request` where RFC 6749 §5.2 says `invalid_grant`, and tell what they mean only
// in words. No other error ends a grant: what RFC 8628 §3.5 adds is of device codes, and theirs alone to
// judge.
bool is_dead_grant(const Provider& provider, std::string_view error, std::string_view description) {
  if (error == "invalid_grant") return true;
  return error == "invalid_request" &&
         std::any_of(provider.dead_grant_words.begin(), provider.dead_grant_words.end(),
                     [description](std::string_view words) { return description.starts_with(words); });
}

TokenFailure failure_of(const Provider& provider, int status, std::string_view error,
                        std::string_view description) {
  if (status == 429) return TokenFailure::unreachable;
  if (status >= 500 || error == "server_error" || error == "temporarily_unavailable")
    return TokenFailure::uncertain;
  if (status < 400 || error.empty()) return TokenFailure::malformed;
  if (status == 400 && is_dead_grant(provider, error, description)) return TokenFailure::grant_dead;
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

struct Said {
  std::string error;
  std::string description;
  bool is_code = true;  // `error` is a word for programs, and not RFC 9457's title for people
};

Said read_words(const std::string& body) {
  const auto answer = net::parse_json_object(body);
  if (!answer) return {};
  if (auto error = net::string_member(*answer, "error"); !error.empty())
    return {std::move(error), net::string_member(*answer, "error_description")};
  const nlohmann::json* errors = net::member(*answer, "errors");
  if (errors != nullptr && errors->is_array() && !errors->empty()) {
    if (const auto code = net::integer_member(errors->front(), "code"))
      return {std::to_string(*code), net::string_member(errors->front(), "message")};
  }
  return {net::string_member(*answer, "title"), net::string_member(*answer, "detail"), false};
}

}  // namespace

std::string form_encode(const Form& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(percent_encode(value));
  }
  return out;
}

bool is_token(std::string_view token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

TokenError malformed(std::string_view why) {
  return {
      .failure = TokenFailure::malformed, .message = "token endpoint: " + std::string(why), .answered = true};
}

TokenResult<net::HttpResponse> post_form(net::HttpClient& http, const OAuth2Client& client,
                                         const std::string& url, Form fields,
                                         const std::vector<std::string>& secrets) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = {"Content-Type: application/x-www-form-urlencoded", "Accept: application/json"};
  const std::string secret = client.client_secret.get();
  const ClientAuthentication way = client.provider.authentication;
  const bool in_body = way == ClientAuthentication::secret_in_body;
  if (!secret.empty() && !in_body) {
    const std::string pair = basic_pair(client.client_id, secret);
    request.headers.push_back("Authorization: Basic " +
                              base64({reinterpret_cast<const std::uint8_t*>(pair.data()), pair.size()}));
  }
  if (secret.empty() || way != ClientAuthentication::basic_alone)
    fields.emplace_back("client_id", client.client_id);
  if (in_body) fields.emplace_back("client_secret", secret);
  request.body = form_encode(fields);
  auto response = http.send(request);
  if (response) return std::move(*response);
  const bool sent = response.error().code == Errc::outcome_unknown;
  return tl::make_unexpected(
      TokenError{.failure = sent ? TokenFailure::uncertain : TokenFailure::unreachable,
                 .message = message_without(response.error().message, client, secrets)});
}

TokenError read_error(const OAuth2Client& client, const net::HttpResponse& response,
                      const std::vector<std::string>& secrets) {
  const Said said = read_words(response.body);
  std::string message = "token endpoint: HTTP " + std::to_string(response.status);
  if (!said.error.empty()) message += " " + said.error;
  if (!said.description.empty()) message += ": " + said.description;
  const bool is_code = said.is_code && is_token(said.error) && said.error.size() <= kLongestCode;
  return {.failure = failure_of(client.provider, response.status, said.error, said.description),
          .code = is_code ? message_without(said.error, client, secrets) : "",
          .message = message_without(message, client, secrets),
          .answered = true,
          .retry_after = retry_after(response)};
}

TokenResult<Tokens> read_tokens(const OAuth2Client& client, const net::HttpResponse& response,
                                RefreshTokens refresh_tokens) {
  const auto no = [](std::string_view why) { return tl::make_unexpected(malformed(why)); };
  const auto body = net::parse_json_object(response.body);
  if (!body) return no("the answer is not a JSON object");
  Tokens tokens;
  tokens.access_token = net::string_member(*body, "access_token");
  tokens.refresh_token = net::string_member(*body, "refresh_token");
  tokens.scope = net::string_member(*body, "scope");
  tokens.expires_in = client.provider.usual_life;
  if (!is_token(tokens.access_token)) return no("the answer has no access_token");
  const bool is_missing = tokens.refresh_token.empty() && net::member(*body, "refresh_token") == nullptr;
  const bool may_miss = refresh_tokens != RefreshTokens::rotate;
  if (!is_token(tokens.refresh_token) && !(is_missing && may_miss))
    return no("the answer has no refresh_token");
  if (!ascii_iequals(net::string_member(*body, "token_type"), "bearer"))
    return no("the token_type is not bearer");
  if (net::member(*body, "expires_in") != nullptr) {
    const auto life = net::integer_member(*body, "expires_in");
    if (!life || *life <= 0) return no("the answer's expires_in is no time");
    tokens.expires_in = std::chrono::seconds(std::min(*life, kMaxLifeSeconds));
  }
  return tokens;
}

TokenResult<Tokens> ask_for_tokens(net::HttpClient& http, const OAuth2Client& client, const Form& fields,
                                   const std::vector<std::string>& secrets, RefreshTokens refresh_tokens) {
  const auto response = post_form(http, client, client.provider.token_url, fields, secrets);
  if (!response) return tl::make_unexpected(response.error());
  if (response->status == 200) return read_tokens(client, *response, refresh_tokens);
  return tl::make_unexpected(read_error(client, *response, secrets));
}

}  // namespace pigeon::oauth
