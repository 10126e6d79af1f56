// The three requests of OAuth 1.0a and the sorting of their answers; see oauth1.h. Servers say no in JSON, in
// words or in a form; what counts are X's codes, and the name of the parameter that they do not like.
#include "oauth/oauth1.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/text.h"
#include "net/json.h"
#include "net/redact.h"

namespace pigeon::oauth {
namespace {

constexpr std::size_t kLongestWords = 200;

bool is_token(std::string_view token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

struct Words {
  long long code = 0;  // X's; 0: none
  std::string text;
};

Words words_of(const net::HttpResponse& response) {
  const auto body = net::parse_json_object(response.body);
  if (!body) return {0, shorten(response.body, kLongestWords)};
  const nlohmann::json* errors = net::member(*body, "errors");
  if (errors == nullptr || !errors->is_array() || errors->empty())
    return {0, net::string_member(*body, "detail")};
  return {net::integer_member(errors->front(), "code").value_or(0),
          net::string_member(errors->front(), "message")};
}

// Of a request that bears a token: `with_verifier` when it bears what the person typed, too.
OAuth1Failure failure_of(int status, const Words& words, bool with_token, bool with_verifier) {
  if (status == 429) return OAuth1Failure::unreachable;
  if (status >= 500) return OAuth1Failure::uncertain;
  if (status < 400) return OAuth1Failure::malformed;
  // X's: could not authenticate, clock, bad authentication data.
  if (words.code == 32 || words.code == 135 || words.code == 215) return OAuth1Failure::client_rejected;
  if (!with_token) return OAuth1Failure::client_rejected;
  if (with_verifier && ascii_lower(words.text).find("oauth_verifier") != std::string::npos)
    return OAuth1Failure::wrong_verifier;
  if (words.code == 89 || with_verifier) return OAuth1Failure::token_dead;
  return OAuth1Failure::client_rejected;
}

tl::unexpected<OAuth1Error> malformed(std::string_view why) {
  return tl::make_unexpected(
      OAuth1Error{.failure = OAuth1Failure::malformed, .message = "OAuth 1.0a: " + std::string(why)});
}

OAuth1Result<net::HttpResponse> ask(net::HttpClient& http, const OAuth1Client& client, const std::string& url,
                                    const OAuth1Token& token, const Parameters& more, UtcTime now) {
  const Consumer consumer = client.consumer();
  net::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = {authorization(consumer, token, request.method, url, make_stamp(now), more),
                     "Accept: */*", "Content-Type: application/x-www-form-urlencoded"};
  const std::string verifier = value_of(more, "oauth_verifier");
  const auto response = http.send(request);
  if (!response) {
    const bool sent = response.error().code == Errc::outcome_unknown;
    return tl::make_unexpected(
        OAuth1Error{.failure = sent ? OAuth1Failure::uncertain : OAuth1Failure::unreachable,
                    .message = net::redact(response.error().message, {consumer.secret, token.secret})});
  }
  if (response->status == 200) return *response;
  const Words words = words_of(*response);
  OAuth1Error error;
  error.failure = failure_of(response->status, words, !token.token.empty(), !verifier.empty());
  error.message = net::redact("OAuth 1.0a: HTTP " + std::to_string(response->status) +
                                  (words.code == 0 ? "" : " code " + std::to_string(words.code)) +
                                  (words.text.empty() ? "" : ": " + words.text),
                              {consumer.secret, token.token, token.secret, verifier});
  if (const auto date = response->headers.find("date"); date != response->headers.end())
    error.date = date->second;
  return tl::make_unexpected(std::move(error));
}

OAuth1Result<OAuth1Token> token_of(const Parameters& answer) {
  OAuth1Token token{value_of(answer, "oauth_token"), value_of(answer, "oauth_token_secret")};
  if (!is_token(token.token)) return malformed("the answer has no oauth_token");
  if (!is_token(token.secret)) return malformed("the answer has no oauth_token_secret");
  return token;
}

}  // namespace

Stamp make_stamp(UtcTime now) {
  return {random_code() + random_code(),
          std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count()};
}

OAuth1Result<OAuth1Token> request_token(net::HttpClient& http, const OAuth1Client& client,
                                        std::string_view callback, UtcTime now) {
  const auto response =
      ask(http, client, client.request_token_url, {}, {{"oauth_callback", std::string(callback)}}, now);
  if (!response) return tl::make_unexpected(response.error());
  const Parameters answer = read_form(response->body);
  if (value_of(answer, "oauth_callback_confirmed") != "true")
    return malformed("the answer does not confirm the callback");
  return token_of(answer);
}

std::string authorize_url(const OAuth1Client& client, std::string_view request_token) {
  const char first = client.authorize_url.find('?') == std::string::npos ? '?' : '&';
  return client.authorize_url + first + "oauth_token=" + percent_encode(request_token);
}

OAuth1Result<OAuth1Grant> access_token(net::HttpClient& http, const OAuth1Client& client,
                                       const OAuth1Token& request_token, std::string_view verifier,
                                       UtcTime now) {
  const auto response = ask(http, client, client.access_token_url, request_token,
                            {{"oauth_verifier", std::string(verifier)}}, now);
  if (!response) return tl::make_unexpected(response.error());
  const Parameters answer = read_form(response->body);
  auto token = token_of(answer);
  if (!token) return tl::make_unexpected(token.error());
  OAuth1Grant grant{std::move(*token), value_of(answer, "user_id"), value_of(answer, "screen_name"), {}};
  if (const auto level = response->headers.find("x-access-level"); level != response->headers.end())
    grant.access_level = level->second;
  return grant;
}

OAuth1Result<void> invalidate(net::HttpClient& http, const OAuth1Client& client, const OAuth1Token& token,
                              UtcTime now) {
  const auto response = ask(http, client, client.invalidate_url, token, {}, now);
  if (response) return {};
  if (response.error().failure == OAuth1Failure::token_dead) return {};
  return tl::make_unexpected(response.error());
}

}  // namespace pigeon::oauth
