// What one authorization server does and another does not, as data of a Provider: client authentication,
// refresh tokens that stay, tokens without an end, issuers, and the words of an error.
#include "oauth/provider.h"

#include <doctest/doctest.h>

#include <string>

#include "oauth/oauth2.h"
#include "tests/oauth/token_server.h"
#include "x/provider.h"

using namespace pigeon;
using namespace pigeon::oauth;
using net::HttpClient;
using testing::http_answer;
using testing::TokenServer;

namespace {

constexpr std::string_view kVerifier = "verifier~1-verifier~2-verifier~3-verifier~4";
constexpr const char* kBare = R"({"token_type":"Bearer","access_token":"a2"})";

Provider provider_of(RefreshTokens tokens) {
  Provider provider;
  provider.refresh_tokens = tokens;
  return provider;
}

}  // namespace

TEST_CASE("provider: the three ways in which a client proves who it is") {
  const std::string basic = "\r\nAuthorization: Basic YXBwOmh1c2g=\r\n";  // app:hush
  struct Row {
    const char* name;
    ClientAuthentication way;
    const char* secret;
    bool sends_basic;
    const char* body;
  };
  const Row rows[] = {
      {"basic", ClientAuthentication::basic, "hush", true, "token=t&client_id=app"},
      {"basic alone", ClientAuthentication::basic_alone, "hush", true, "token=t"},
      {"in the body", ClientAuthentication::secret_in_body, "hush", false,
       "token=t&client_id=app&client_secret=hush"},
      {"public", ClientAuthentication::basic, "", false, "token=t&client_id=app"},
      {"public, alone", ClientAuthentication::basic_alone, "", false, "token=t&client_id=app"},
      {"public, in the body", ClientAuthentication::secret_in_body, "", false, "token=t&client_id=app"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    TokenServer server(http_answer(200, "{}"));
    HttpClient http;
    Provider provider;
    provider.authentication = row.way;
    REQUIRE(revoke(http, server.client_of(provider, row.secret), "t"));
    CHECK((server.seen.find(basic) != std::string::npos) == row.sends_basic);
    CHECK((server.seen.find("Authorization") != std::string::npos) == row.sends_basic);
    CHECK(server.body() == row.body);
  }
}

TEST_CASE("provider: an answer without a refresh token keeps the old one where it stays") {
  TokenServer server(
      {http_answer(200, kBare), http_answer(200, kBare),
       http_answer(200, R"({"token_type":"bearer","access_token":"a3","refresh_token":"r3"})")});
  HttpClient http;
  const OAuth2Client client = server.client_of(provider_of(RefreshTokens::stay));
  const auto kept = refresh(http, client, "r1");
  REQUIRE(kept);
  CHECK(kept->access_token == "a2");
  CHECK(kept->refresh_token == "r1");

  const auto spent = refresh(http, server.client_of(provider_of(RefreshTokens::rotate)), "r1");
  REQUIRE_FALSE(spent);
  CHECK(spent.error().failure == TokenFailure::malformed);

  const auto replaced = refresh(http, client, "r1");
  REQUIRE(replaced);
  CHECK(replaced->refresh_token == "r3");
}

TEST_CASE("provider: a code brings a refresh token, unless grants may do without") {
  TokenServer server(http_answer(200, kBare));
  HttpClient http;
  for (const RefreshTokens tokens : {RefreshTokens::rotate, RefreshTokens::stay}) {
    const auto without = exchange_code(http, server.client_of(provider_of(tokens)), "c", kVerifier);
    REQUIRE_FALSE(without);
    CHECK(without.error().failure == TokenFailure::malformed);
  }
  const auto linked = exchange_code(http, server.client_of(provider_of(RefreshTokens::none)), "c", kVerifier);
  REQUIRE(linked);
  CHECK(linked->access_token == "a2");
  CHECK(linked->refresh_token.empty());
}

TEST_CASE("provider: a token whose life is not told lives as usual, or until it is refused") {
  TokenServer server(http_answer(200, kBare));
  HttpClient http;
  Provider provider = provider_of(RefreshTokens::stay);
  const auto endless = refresh(http, server.client_of(provider), "r1");
  REQUIRE(endless);
  CHECK_FALSE(endless->expires_in);
  const UtcTime now = from_unix_ms(1'800'000'000'000);
  CHECK(expires_at(*endless, now) > now + std::chrono::hours(24 * 365 * 50));

  provider.usual_life = seconds(600);
  const auto usual = refresh(http, server.client_of(provider), "r1");
  REQUIRE(usual);
  CHECK(usual->expires_in == seconds(600));
  CHECK(expires_at(*usual, now) == now + seconds(600));
}

TEST_CASE("provider: X's tokens live two hours, also when it forgets to say so") {
  TokenServer server(http_answer(200, R"({"token_type":"bearer","access_token":"a2","refresh_token":"r2"})"));
  HttpClient http;
  const auto tokens = refresh(http, server.client(), "r1");
  REQUIRE(tokens);
  CHECK(tokens->expires_in == seconds(7200));
}

TEST_CASE("provider: who an answer may come from") {
  Provider provider;
  provider.authorize_url = "https://x.com/i/oauth2/authorize";
  provider.token_url = "https://api.x.com/2/oauth2/token";
  for (const char* ours : {"https://x.com", "https://X.com/", "https://api.x.com/2", "https://x.com:443"})
    CHECK(is_issuer(provider, ours));
  for (const char* foreign : {"https://evil.example", "https://x.com.evil.example", "http://x.com",
                              "https://x.com:444", "x.com", "", "https://x.com@evil.example"})
    CHECK_FALSE(is_issuer(provider, foreign));

  provider.issuer = "https://x.com/i";
  CHECK(is_issuer(provider, "https://x.com/i"));
  for (const char* other : {"https://x.com/i/", "https://X.com/i", "https://x.com", "https://api.x.com"})
    CHECK_FALSE(is_issuer(provider, other));
}

TEST_CASE("provider: errors keep the server's word, as far as it is one") {
  struct Row {
    const char* body;
    const char* code;
  };
  const Row rows[] = {
      {R"({"error":"invalid_scope","error_description":"no"})", "invalid_scope"},
      {R"({"errors":[{"code":99,"message":"Unable to verify your credentials"}]})", "99"},
      {R"({"title":"Client Forbidden","detail":"x"})", ""},
      {R"({"error":"two words"})", ""},
      {R"({"error":"refresh-1234"})", "[secret]"},
      {R"({"errors":[]})", ""},
      {R"({"errors":["99"]})", ""},
      {"<html>", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.body));
    TokenServer server(http_answer(400, row.body));
    HttpClient http;
    const auto refused = refresh(http, server.client(), "refresh-1234");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == row.code);
  }
}

TEST_CASE("provider: only 43 to 128 unreserved characters go out as a verifier") {
  TokenServer server(http_answer(200, R"({"token_type":"bearer","access_token":"a1","refresh_token":"r1"})"));
  HttpClient http;
  const OAuth2Client client = server.client();
  for (const std::string& verifier : {std::string(), std::string(42, 'a'), std::string(129, 'a'),
                                      std::string(42, 'a') + "+", std::string(42, 'a') + "/"}) {
    CAPTURE(verifier);
    const auto refused = exchange_code(http, client, "c", verifier);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().failure == TokenFailure::malformed);
  }
  CHECK(server.requests == 0);
  CHECK(exchange_code(http, client, "c", std::string(43, '~')));
  CHECK(exchange_code(http, client, "c", std::string(128, '.')));
}
