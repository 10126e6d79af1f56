// The OAuth 2.0 client: what goes over the wire, octet by octet, and what each answer of a token endpoint
// means for the account. The last cases run against the sandbox of X.
#include "oauth/oauth2.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "sim/x/form.h"
#include "sim/x/x_sandbox.h"
#include "tests/net/raw_server.h"
#include "x/provider.h"
#include "x/x_client.h"

using namespace pigeon;
using namespace pigeon::oauth;
using net::HttpClient;
using testing::http_answer;
using testing::RawConnection;
using testing::RawServer;

namespace {

constexpr std::string_view kGood =
    R"({"token_type":"bearer","expires_in":7200,"access_token":"a1","scope":"tweet.read","refresh_token":"r2"})";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Answers every request with the same and keeps the last one.
struct TokenServer {
  std::string seen;
  RawServer server;

  explicit TokenServer(std::string answer)
      : server([this, answer](RawConnection& connection) {
          while (auto request = connection.read_request()) {
            seen = *request;
            connection.write(answer);
          }
        }) {}

  [[nodiscard]] OAuth2Client client(std::string id = "app", std::string secret = "hush") const {
    return x::oauth2_client(std::move(id), std::move(secret), "https://x.example/authorize", server.url(""),
                            "https://box.example/oauth/callback");
  }
  [[nodiscard]] std::string body() const { return seen.substr(seen.find("\r\n\r\n") + 4); }
};

TokenFailure refresh_failure(const std::string& answer) {
  TokenServer server(answer);
  HttpClient http;
  const auto tokens = refresh(http, server.client(), "r1");
  REQUIRE_FALSE(tokens);
  return tokens.error().failure;
}

std::string query_value(const std::string& url, const std::string& name) {
  const auto at = url.find(name + "=");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 1;
  return sim::percent_decode(url.substr(begin, url.find('&', begin) - begin)).value_or("");
}

// A sandbox, our client at it, and one link made the way a person makes it.
struct Linked {
  sim::XSandbox sandbox;
  OAuth2Client client;
  HttpClient http;
  std::string verifier = make_verifier();

  Linked()
      : client(x::oauth2_client("sandbox-client", "sandbox-secret", sandbox.url() + "/i/oauth2/authorize",
                                sandbox.url(), "http://127.0.0.1:9/oauth/callback")) {
    sandbox.allow_redirect(client.redirect_uri);
  }

  std::string consent_code() {
    const std::string callback = sandbox.consent(authorize_url(client, "state-1", challenge_s256(verifier)));
    REQUIRE(query_value(callback, "state") == "state-1");
    return query_value(callback, "code");
  }
  Tokens link() {
    const auto tokens = exchange_code(http, client, consent_code(), verifier);
    REQUIRE(tokens);
    return *tokens;
  }
};

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
  CHECK(client.token_url == "https://api.x.com/2/oauth2/token");
  CHECK(client.revoke_url == "https://api.x.com/2/oauth2/revoke");
  CHECK(authorize_url(client, "s&t", "chal") ==
        "https://x.com/i/oauth2/authorize?response_type=code&client_id=a%20b"
        "&redirect_uri=https%3A%2F%2Fbox.example%2Foauth%2Fcallback"
        "&scope=tweet.read%20tweet.write%20users.read%20offline.access%20media.write"
        "&state=s%26t&code_challenge=chal&code_challenge_method=S256");
  client.authorize_url += "?tenant=1";
  CHECK(authorize_url(client, "s", "c")
            .starts_with("https://x.com/i/oauth2/authorize?tenant=1&response_type=code&"));
}

TEST_CASE("oauth2: an exchange as a confidential client") {
  TokenServer server(http_answer(200, kGood));
  HttpClient http;
  // RFC 6749 §2.3.1: id and secret are form-encoded inside Basic.
  const auto tokens = exchange_code(http, server.client("a:pp", "h u%sh+"), "code/1", "verifier~1");
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
  CHECK(
      server.body() ==
      "grant_type=authorization_code&code=code%2F1"
      "&redirect_uri=https%3A%2F%2Fbox.example%2Foauth%2Fcallback&code_verifier=verifier~1&client_id=a%3App");
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
      {"no life", R"({"token_type":"bearer","access_token":"a1","refresh_token":"r2"})"},
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
  client.token_url = silent.url("/2/oauth2/token");
  const auto lost = refresh(http, client, "r1");
  REQUIRE_FALSE(lost);
  CHECK(lost.error().failure == TokenFailure::uncertain);
  CHECK(silent.connections() == 1);
}

TEST_CASE("oauth2: messages never hold what we sent, even when the server quotes it") {
  TokenServer server(http_answer(
      400,
      R"({"error":"invalid_request","error_description":"bad refresh-1234 or code-1234 by hush-1234\n of app"})"));
  HttpClient http;
  const OAuth2Client client = server.client("app", "hush-1234");
  const auto refreshed = refresh(http, client, "refresh-1234");
  const auto exchanged = exchange_code(http, client, "code-1234", "verifier-1234");
  const auto revoked = revoke(http, client, "refresh-1234");
  REQUIRE_FALSE(refreshed);
  REQUIRE_FALSE(exchanged);
  REQUIRE_FALSE(revoked);
  CHECK(refreshed.error().message ==
        "token endpoint: HTTP 400 invalid_request: bad [secret] or code-1234 by [secret]\\n of app");
  CHECK_FALSE(contains(exchanged.error().message, "code-1234"));
  CHECK_FALSE(contains(revoked.error().message, "refresh-1234"));
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

TEST_CASE("oauth2 at the sandbox: link, use, refresh, revoke") {
  Linked box;
  const Tokens first = box.link();
  CHECK(first.expires_in == seconds(7200));
  CHECK(contains(first.scope, "offline.access"));
  x::XClient x(box.sandbox.url());
  const auto me = x.me(first.access_token);
  REQUIRE(me);
  CHECK(me->username == "ada");

  const auto second = refresh(box.http, box.client, first.refresh_token);
  REQUIRE(second);
  CHECK(second->refresh_token != first.refresh_token);
  CHECK(x.me(second->access_token));

  REQUIRE(revoke(box.http, box.client, second->refresh_token));
  CHECK(revoke(box.http, box.client, second->refresh_token));
  const auto dead = refresh(box.http, box.client, second->refresh_token);
  REQUIRE_FALSE(dead);
  CHECK(dead.error().failure == TokenFailure::grant_dead);
}

TEST_CASE("oauth2 at the sandbox: a spent refresh token kills the family") {
  Linked box;
  const Tokens first = box.link();
  const auto second = refresh(box.http, box.client, first.refresh_token);
  REQUIRE(second);
  const auto reused = refresh(box.http, box.client, first.refresh_token);
  REQUIRE_FALSE(reused);
  CHECK(reused.error().failure == TokenFailure::grant_dead);
  const auto successor = refresh(box.http, box.client, second->refresh_token);
  REQUIRE_FALSE(successor);
  CHECK(successor.error().failure == TokenFailure::grant_dead);
}

TEST_CASE("oauth2 at the sandbox: codes end after 30 s, after one use, and with a wrong verifier") {
  Linked box;
  const std::string late = box.consent_code();
  box.sandbox.advance(seconds(31));
  const auto expired = exchange_code(box.http, box.client, late, box.verifier);
  REQUIRE_FALSE(expired);
  CHECK(expired.error().failure == TokenFailure::grant_dead);

  const std::string code = box.consent_code();
  REQUIRE(exchange_code(box.http, box.client, code, box.verifier));
  const auto again = exchange_code(box.http, box.client, code, box.verifier);
  REQUIRE_FALSE(again);
  CHECK(again.error().failure == TokenFailure::grant_dead);

  const auto wrong = exchange_code(box.http, box.client, box.consent_code(), make_verifier());
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().failure == TokenFailure::grant_dead);
}

TEST_CASE("oauth2 at the sandbox: the operator's mistakes unlink nobody") {
  Linked box;
  const Tokens tokens = box.link();
  for (const bool by_secret : {true, false}) {
    CAPTURE(by_secret);
    OAuth2Client wrong = box.client;
    if (by_secret)
      wrong.client_secret = SharedSecret("wrong");
    else
      wrong.client_id = "wrong";
    const auto refused = refresh(box.http, wrong, tokens.refresh_token);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().failure == TokenFailure::client_rejected);
  }
  CHECK(refresh(box.http, box.client, tokens.refresh_token));
}

TEST_CASE("oauth2 at the sandbox: a refresh whose answer is lost is uncertain, and asking again tells") {
  Linked box;
  const Tokens tokens = box.link();
  auto lost = sim::named_fault("lost-answer", "POST /2/oauth2/token");
  REQUIRE(lost);
  box.sandbox.inject(*lost);
  const auto first = refresh(box.http, box.client, tokens.refresh_token);
  REQUIRE_FALSE(first);
  CHECK(first.error().failure == TokenFailure::uncertain);
  const auto second = refresh(box.http, box.client, tokens.refresh_token);
  REQUIRE_FALSE(second);
  CHECK(second.error().failure == TokenFailure::grant_dead);
}
