// The OAuth 2.0 client: what goes over the wire, octet by octet, and what each answer of a token endpoint
// means for the account.
#include "oauth/oauth2.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "tests/oauth/token_server.h"
#include "x/provider.h"

using namespace pigeon;
using namespace pigeon::oauth;
using net::HttpClient;
using testing::http_answer;
using testing::RawConnection;
using testing::RawServer;
using testing::TokenServer;

namespace {

constexpr std::string_view kVerifier = "verifier~1-verifier~2-verifier~3-verifier~4";
constexpr std::string_view kGood =
    R"({"token_type":"bearer","expires_in":7200,"access_token":"a1","scope":"tweet.read","refresh_token":"r2"})";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TokenFailure refresh_failure(const std::string& answer) {
  TokenServer server(answer);
  HttpClient http;
  const auto tokens = refresh(http, server.client(), "r1");
  REQUIRE_FALSE(tokens);
  return tokens.error().failure;
}

}  // namespace

TEST_CASE("PKCE: the vector of RFC 7636 appendix B") {
  CHECK(challenge_s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") ==
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST_CASE("PKCE: verifiers are 43 unreserved characters and never the same") {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string verifier = make_verifier();
    CHECK(verifier.size() == 43);
    CHECK(percent_encode(verifier) == verifier);
    CHECK(seen.insert(verifier).second);
  }
}

TEST_CASE("oauth2: the authorize URL") {
  OAuth2Client client = x::oauth2_client("a b", "", "https://x.com/i/oauth2/authorize", "https://api.x.com",
                                         "https://box.example/oauth/callback");
  CHECK(client.provider.token_url == "https://api.x.com/2/oauth2/token");
  CHECK(client.provider.revoke_url == "https://api.x.com/2/oauth2/revoke");
  CHECK(authorize_url(client, "s&t", "chal") ==
        "https://x.com/i/oauth2/authorize?response_type=code&client_id=a%20b"
        "&redirect_uri=https%3A%2F%2Fbox.example%2Foauth%2Fcallback"
        "&scope=tweet.read%20tweet.write%20users.read%20offline.access%20media.write"
        "&state=s%26t&code_challenge=chal&code_challenge_method=S256");
  client.provider.authorize_url += "?tenant=1";
  CHECK(authorize_url(client, "s", "c")
            .starts_with("https://x.com/i/oauth2/authorize?tenant=1&response_type=code&"));
}

TEST_CASE("oauth2: an exchange as a confidential client") {
  TokenServer server(http_answer(200, kGood));
  HttpClient http;
  // RFC 6749 §2.3.1: id and secret are form-encoded inside Basic.
  const auto tokens = exchange_code(http, server.client("a:pp", "h u%sh+"), "code/1", kVerifier);
  REQUIRE(tokens);
  CHECK(tokens->access_token == "a1");
  CHECK(tokens->refresh_token == "r2");
  CHECK(tokens->expires_in == seconds(7200));
  CHECK(tokens->scope == "tweet.read");
  CHECK(server.seen.starts_with("POST /2/oauth2/token HTTP/1.1\r\n"));
  CHECK(contains(server.seen, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
  const std::string credentials = "a%3App:h%20u%25sh%2B";
  const std::vector<std::uint8_t> octets(credentials.begin(), credentials.end());
  CHECK(contains(server.seen, "\r\nAuthorization: Basic " + base64(octets) + "\r\n"));
  CHECK(server.body() ==
        "grant_type=authorization_code&code=code%2F1"
        "&redirect_uri=https%3A%2F%2Fbox.example%2Foauth%2Fcallback&code_verifier=" +
            std::string(kVerifier) + "&client_id=a%3App");
}

TEST_CASE("oauth2: a refresh as a public client") {
  TokenServer server(http_answer(200, kGood));
  HttpClient http;
  REQUIRE(refresh(http, server.client("app", ""), "r1+"));
  CHECK_FALSE(contains(server.seen, "Authorization:"));
  CHECK(server.body() == "grant_type=refresh_token&refresh_token=r1%2B&client_id=app");
}

TEST_CASE("oauth2: what a refused token request means") {
  struct Row {
    const char* name;
    int status;
    const char* body;
    TokenFailure failure;
  };
  const Row rows[] = {
      {"X's dead token", 400,
       R"({"error":"invalid_request","error_description":"Value passed for the token was invalid."})",
       TokenFailure::grant_dead},
      {"X's dead code", 400,
       R"({"error":"invalid_request","error_description":"Value passed for the authorization code was invalid."})",
       TokenFailure::grant_dead},
      {"wrong verifier", 400,
       R"({"error":"invalid_request","error_description":"Value passed for the code verifier did not match the code challenge."})",
       TokenFailure::grant_dead},
      {"dead token by the RFC", 400, R"({"error":"invalid_grant"})", TokenFailure::grant_dead},
      {"X's wrong client id", 400,
       R"({"error":"invalid_request","error_description":"Value passed for the client_id was invalid."})",
       TokenFailure::client_rejected},
      {"client id missing", 400,
       R"({"error":"invalid_request","error_description":"Missing required parameter [client_id]."})",
       TokenFailure::client_rejected},
      {"wrong redirect", 400,
       R"({"error":"invalid_request","error_description":"Value passed for the redirect uri did not match the uri of the authorization code."})",
       TokenFailure::client_rejected},
      {"X's wrong secret", 401,
       R"({"error":"unauthorized_client","error_description":"Missing valid authorization header"})",
       TokenFailure::client_rejected},
      {"wrong secret by the RFC", 401, R"({"error":"invalid_client"})", TokenFailure::client_rejected},
      {"a word of device grants", 400, R"({"error":"access_denied"})", TokenFailure::client_rejected},
      {"another of them", 400, R"({"error":"expired_token"})", TokenFailure::client_rejected},
      {"a 401 says nothing about a grant", 401, R"({"error":"invalid_grant"})",
       TokenFailure::client_rejected},
      {"not enrolled", 403, R"({"title":"Client Forbidden","reason":"client-not-enrolled"})",
       TokenFailure::client_rejected},
      {"no such grant type", 400, R"({"error":"unsupported_grant_type"})", TokenFailure::client_rejected},
      {"rate limit", 429, R"({"title":"Too Many Requests"})", TokenFailure::unreachable},
      {"rate limit without words", 429, "", TokenFailure::unreachable},
      {"unavailable", 503, R"({"title":"Service Unavailable"})", TokenFailure::uncertain},
      {"a 503 with dead words", 503, R"({"error":"invalid_grant"})", TokenFailure::uncertain},
      {"server error", 400, R"({"error":"server_error"})", TokenFailure::uncertain},
      {"a firewall", 403, "<html>no</html>", TokenFailure::malformed},
      {"an empty 400", 400, "", TokenFailure::malformed},
      {"an error of another type", 400, R"({"error":{"invalid_grant":1}})", TokenFailure::malformed},
      {"an array", 400, R"(["invalid_grant"])", TokenFailure::malformed},
      {"a redirect", 302, "", TokenFailure::malformed},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(refresh_failure(http_answer(row.status, row.body)) == row.failure);
  }
}

TEST_CASE("oauth2: a success must be whole to count") {
  struct Row {
    const char* name;
    std::string body;
  };
  std::string deep;
  for (int i = 0; i < 60000; ++i) deep += R"({"access_token":)";
  const Row rows[] = {
      {"empty", ""},
      {"HTML", "<html></html>"},
      {"cut off", std::string(kGood.substr(0, 60))},
      {"array", "[]"},
      {"null", "null"},
      {"nested without end", deep},
      {"not UTF-8",
       "{\"token_type\":\"bearer\",\"expires_in\":1,\"access_token\":\"\xff\",\"refresh_token\":\"r\"}"},
      {"no access token", R"({"token_type":"bearer","expires_in":7200,"refresh_token":"r2"})"},
      {"access token of another type",
       R"({"token_type":"bearer","expires_in":7200,"access_token":1,"refresh_token":"r2"})"},
      {"line break in the access token",
       R"({"token_type":"bearer","expires_in":7200,"access_token":"a\r\nX: y","refresh_token":"r2"})"},
      {"no refresh token", R"({"token_type":"bearer","expires_in":7200,"access_token":"a1"})"},
      {"empty refresh token",
       R"({"token_type":"bearer","expires_in":7200,"access_token":"a1","refresh_token":""})"},
      {"another token type",
       R"({"token_type":"mac","expires_in":7200,"access_token":"a1","refresh_token":"r2"})"},
      {"no refresh token but a null", R"({"token_type":"bearer","access_token":"a1","refresh_token":null})"},
      {"life in words",
       R"({"token_type":"bearer","expires_in":"7200","access_token":"a1","refresh_token":"r2"})"},
      {"life of nothing",
       R"({"token_type":"bearer","expires_in":0,"access_token":"a1","refresh_token":"r2"})"},
      {"life below nothing",
       R"({"token_type":"bearer","expires_in":-5,"access_token":"a1","refresh_token":"r2"})"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(refresh_failure(http_answer(200, row.body)) == TokenFailure::malformed);
  }
}

TEST_CASE("oauth2: a life beyond all measure is capped") {
  TokenServer server(http_answer(
      200,
      R"({"token_type":"Bearer","expires_in":9223372036854775807,"access_token":"a1","refresh_token":"r2","x":[]})"));
  HttpClient http;
  const auto tokens = refresh(http, server.client(), "r1");
  REQUIRE(tokens);
  CHECK(tokens->expires_in == std::chrono::hours(24 * 3650));
}

TEST_CASE("oauth2: never left, or lost on the way") {
  OAuth2Client client;
  { client = TokenServer("").client(); }
  HttpClient http;
  const auto unreachable = refresh(http, client, "r1");
  REQUIRE_FALSE(unreachable);
  CHECK(unreachable.error().failure == TokenFailure::unreachable);

  RawServer silent([](RawConnection& connection) { (void)connection.read_request(); });
  client.provider.token_url = silent.url("/2/oauth2/token");
  const auto lost = refresh(http, client, "r1");
  REQUIRE_FALSE(lost);
  CHECK(lost.error().failure == TokenFailure::uncertain);
  CHECK(silent.connections() == 1);
}

TEST_CASE("oauth2: messages never hold what we sent, even when the server quotes it") {
  const std::string pair = "app:hush%201234";
  const std::string basic = base64({reinterpret_cast<const std::uint8_t*>(pair.data()), pair.size()});
  // Far enough into the answer for the first cut to fall into the token.
  const std::string far(250, '.');
  TokenServer server(http_answer(400, R"({"error":"invalid_request","error_description":"bad )" + basic +
                                          " or refresh-1234 or code-1234 by hush 1234\\n of app" + far +
                                          R"(refresh-1234"})"));
  HttpClient http;
  const OAuth2Client client = server.client("app", "hush 1234");
  const auto refreshed = refresh(http, client, "refresh-1234");
  const auto exchanged = exchange_code(http, client, "code-1234", kVerifier);
  const auto revoked = revoke(http, client, "refresh-1234");
  REQUIRE_FALSE(refreshed);
  REQUIRE_FALSE(exchanged);
  REQUIRE_FALSE(revoked);
  CHECK(
      refreshed.error().message.starts_with("token endpoint: HTTP 400 invalid_request: bad [secret] or "
                                            "[secret] or code-1234 by [secret]\\n of app..."));
  CHECK_FALSE(contains(exchanged.error().message, "code-1234"));
  for (const std::string& message : {refreshed.error().message, revoked.error().message}) {
    CAPTURE(message);
    CHECK_FALSE(contains(message, "refresh"));
    CHECK_FALSE(contains(message, basic.substr(0, 8)));
  }
}

TEST_CASE("oauth2: what the answers to a revocation mean") {
  struct Row {
    int status;
    const char* body;
    bool done;
    bool retry;
  };
  const Row rows[] = {
      {200, R"({"revoked":true})", true, false},
      {200, "", true, false},
      {400, R"({"error":"invalid_request","error_description":"Value passed for the token was invalid."})",
       true, false},
      {401, R"({"error":"unauthorized_client"})", false, false},
      {429, "", false, true},
      {503, "", false, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.status);
    TokenServer server(http_answer(row.status, row.body));
    HttpClient http;
    const auto revoked = revoke(http, server.client(), "r1");
    CHECK(revoked.has_value() == row.done);
    if (!revoked) CHECK(revoked.error().retryable() == row.retry);
    CHECK(server.seen.starts_with("POST /2/oauth2/revoke HTTP/1.1\r\n"));
    CHECK(server.body() == "token=r1&client_id=app");
  }
}
