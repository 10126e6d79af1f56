// The app's own token: what is asked, how long an answer is kept, and that one request serves many threads.
#include "oauth/client_credentials.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "sim/x/x_sandbox.h"
#include "tests/oauth/token_server.h"
#include "x/provider.h"

using namespace pigeon;
using namespace pigeon::oauth;
using net::HttpClient;
using testing::http_answer;
using testing::TokenServer;

namespace {

std::string token(const std::string& name, const std::string& more = "") {
  return http_answer(200, R"({"token_type":"bearer","access_token":")" + name + "\"" + more + "}");
}

}  // namespace

TEST_CASE("client credentials: what X is asked, and nothing else") {
  TokenServer server(token("app-1"));
  HttpClient http;
  const auto tokens = client_credentials(http, x::app_client("key", "secret", server.server.url("")));
  REQUIRE(tokens);
  CHECK(tokens->access_token == "app-1");
  CHECK_FALSE(tokens->expires_in);
  CHECK(server.seen.starts_with("POST /oauth2/token HTTP/1.1\r\n"));
  CHECK(server.seen.find("\r\nAuthorization: Basic a2V5OnNlY3JldA==\r\n") != std::string::npos);
  CHECK(server.body() == "grant_type=client_credentials");
}

TEST_CASE("client credentials: a refresh token in the answer is let go") {
  TokenServer server(token("a", R"(,"refresh_token":"r")"));
  HttpClient http;
  const auto tokens = client_credentials(http, server.client_of({}));
  REQUIRE(tokens);
  CHECK(tokens->refresh_token.empty());
}

TEST_CASE("client credentials: kept until a minute before the end, or until refused") {
  TokenServer server({token("a", R"(,"expires_in":300)"), token("b"), token("c")});
  HttpClient http;
  AppToken app(server.client_of({}));
  const SteadyTime start = steady_now();
  CHECK(app.get(http, start) == "a");
  CHECK(app.get(http, start + seconds(239)) == "a");
  CHECK(server.requests == 1);
  CHECK(app.get(http, start + seconds(241)) == "b");
  CHECK(app.get(http, start + std::chrono::hours(9000)) == "b");  // without an end
  app.refused("a");                                               // somebody is late
  CHECK(app.get(http, start) == "b");
  app.refused("b");
  CHECK(app.get(http, start) == "c");
  CHECK(server.requests == 3);
}

TEST_CASE("client credentials: a failure is told and not kept") {
  TokenServer server({http_answer(401, R"({"error":"invalid_client"})"), token("a")});
  HttpClient http;
  AppToken app(server.client_of({}));
  const auto refused = app.get(http);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().failure == TokenFailure::client_rejected);
  CHECK(refused.error().code == "invalid_client");
  CHECK(app.get(http) == "a");
}

TEST_CASE("client credentials: fifty threads cause one request") {
  sim::XSandbox sandbox({.consumer_key = "key", .consumer_secret = "secret"});
  AppToken app(x::app_client("key", "secret", sandbox.url()));
  std::vector<std::string> tokens(50);
  std::vector<std::thread> threads;
  for (std::string& mine : tokens) {
    threads.emplace_back([&app, &mine] {
      HttpClient http;
      mine = app.get(http).value_or("");
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(tokens.front().empty());
  CHECK(std::ranges::count(tokens, tokens.front()) == 50);
  CHECK(sandbox.requests() == std::vector<std::string>{"POST /oauth2/token 200"});
}

TEST_CASE("client credentials at the sandbox: a wrong pair is refused with code 99") {
  sim::XSandbox sandbox({.consumer_key = "key", .consumer_secret = "secret"});
  HttpClient http;
  for (const auto& [key, secret] : {std::pair{"key", "wrong"}, std::pair{"wrong", "secret"}}) {
    const auto refused = client_credentials(http, x::app_client(key, secret, sandbox.url()));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().failure == TokenFailure::client_rejected);
    CHECK(refused.error().code == "99");
  }
  const auto first = client_credentials(http, x::app_client("key", "secret", sandbox.url()));
  const auto second = client_credentials(http, x::app_client("key", "secret", sandbox.url()));
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->access_token == second->access_token);  // an app has one, until it is invalidated
}
