// Device grants (RFC 8628): every answer of the server, and a clock that the test holds.
#include "oauth/device_grant.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/oauth/token_server.h"

using namespace pigeon;
using namespace pigeon::oauth;
using net::HttpClient;
using testing::http_answer;
using testing::TokenServer;
using State = DeviceGrant::State;

namespace {

const std::string kStart =
    http_answer(200, R"({"device_code":"dev-1234","user_code":"WDJB-MJHT",)"
                     R"("verification_uri":"https://net.example/device",)"
                     R"("verification_uri_complete":"https://net.example/device?c=WDJB",)"
                     R"("expires_in":1800,"interval":5})");
const std::string kTokens =
    http_answer(200, R"({"token_type":"bearer","access_token":"a1","refresh_token":"r1","expires_in":60})");

std::string refusal(const std::string& error) {
  return http_answer(400, R"({"error":")" + error + R"("})");
}

// A grant at a server that gives these answers after the first.
struct Desk {
  TokenServer server;
  HttpClient http;
  SteadyTime start = steady_now();
  DeviceGrant grant;

  explicit Desk(std::vector<std::string> answers) : server(with_start(std::move(answers))), grant(begun()) {}
  static std::vector<std::string> with_start(std::vector<std::string> answers) {
    answers.insert(answers.begin(), kStart);
    return answers;
  }
  DeviceGrant begun() {
    Provider provider;
    provider.scope = "read write";
    auto begun = DeviceGrant::begin(http, server.client_of(provider), start);
    REQUIRE(begun);
    return std::move(*begun);
  }
  State poll_at(int second) { return grant.poll(http, start + seconds(second)); }
  [[nodiscard]] int polls() const { return server.requests - 1; }
};

}  // namespace

TEST_CASE("device grant: what is asked, and what the person is told") {
  Desk desk({refusal("authorization_pending"), kTokens});
  CHECK(desk.server.seen.starts_with("POST /device HTTP/1.1\r\n"));
  CHECK(desk.server.body() == "scope=read%20write&client_id=app");
  CHECK(desk.grant.user_code() == "WDJB-MJHT");
  CHECK(desk.grant.verification_uri() == "https://net.example/device");
  CHECK(desk.grant.verification_uri_complete() == "https://net.example/device?c=WDJB");
  CHECK(desk.grant.ends() == desk.start + seconds(1800));

  CHECK(desk.poll_at(5) == State::pending);
  CHECK(desk.server.seen.starts_with("POST /token HTTP/1.1\r\n"));
  CHECK(
      desk.server.body() ==
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=dev-1234&client_id=app");
  CHECK(desk.grant.error().code == "authorization_pending");
  CHECK(desk.poll_at(10) == State::granted);
  CHECK(desk.grant.tokens().access_token == "a1");
  CHECK(desk.grant.tokens().refresh_token == "r1");
}

TEST_CASE("device grant: nothing is sent before it is time, nor after the end") {
  Desk desk({refusal("authorization_pending"), kTokens});
  CHECK(desk.grant.next_poll() == desk.start + seconds(5));
  CHECK(desk.poll_at(4) == State::pending);
  CHECK(desk.polls() == 0);
  CHECK(desk.poll_at(5) == State::pending);
  CHECK(desk.poll_at(9) == State::pending);
  CHECK(desk.polls() == 1);
  CHECK(desk.poll_at(10) == State::granted);
  CHECK(desk.poll_at(15) == State::granted);
  CHECK(desk.polls() == 2);
}

TEST_CASE("device grant: slow_down adds five seconds, for good") {
  Desk desk({refusal("slow_down"), refusal("authorization_pending"), refusal("slow_down")});
  CHECK(desk.poll_at(5) == State::pending);
  CHECK(desk.grant.next_poll() == desk.start + seconds(15));
  CHECK(desk.poll_at(15) == State::pending);
  CHECK(desk.grant.next_poll() == desk.start + seconds(25));
  CHECK(desk.poll_at(25) == State::pending);
  CHECK(desk.grant.next_poll() == desk.start + seconds(40));
}

TEST_CASE("device grant: silence and 5xx halve the pace and end nothing") {
  Desk desk({http_answer(503, ""), "", http_answer(429, "", "Retry-After: 60\r\n"), kTokens});
  CHECK(desk.poll_at(5) == State::pending);
  CHECK(desk.grant.error().failure == TokenFailure::uncertain);
  CHECK(desk.grant.next_poll() == desk.start + seconds(15));
  CHECK(desk.poll_at(15) == State::pending);
  CHECK(desk.grant.next_poll() == desk.start + seconds(35));
  CHECK(desk.poll_at(35) == State::pending);
  CHECK(desk.grant.next_poll() == desk.start + seconds(95));
  CHECK(desk.poll_at(95) == State::granted);
}

TEST_CASE("device grant: the server's word ends it, and so does the clock") {
  struct Row {
    std::string answer;
    State state;
    const char* code;
  };
  const Row rows[] = {
      {refusal("access_denied"), State::refused, "access_denied"},
      {refusal("expired_token"), State::expired, "expired_token"},
      {refusal("invalid_grant"), State::failed, "invalid_grant"},
      {http_answer(401, R"({"error":"invalid_client"})"), State::failed, "invalid_client"},
      {http_answer(200, "{}"), State::failed, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.answer);
    Desk desk({row.answer, kTokens});
    CHECK(desk.poll_at(5) == row.state);
    CHECK(desk.grant.error().code == row.code);
    CHECK(desk.poll_at(10) == row.state);
    CHECK(desk.polls() == 1);
  }
  Desk late({kTokens});
  CHECK(late.poll_at(1800) == State::expired);
  CHECK(late.polls() == 0);
}

TEST_CASE("device grant: messages never hold the device code") {
  Desk desk({http_answer(400, R"({"error":"invalid_grant","error_description":"dev-1234 is unknown"})")});
  CHECK(desk.poll_at(5) == State::failed);
  CHECK(desk.grant.error().message == "token endpoint: HTTP 400 invalid_grant: [secret] is unknown");
}

TEST_CASE("device grant: a beginning must be whole, and its address one") {
  struct Row {
    const char* name;
    const char* body;
    bool ok;
  };
  const Row rows[] = {
      {"the least",
       R"({"device_code":"d","user_code":"u","verification_uri":"https://n.example","expires_in":9})", true},
      {"no device code", R"({"user_code":"u","verification_uri":"https://n.example","expires_in":9})", false},
      {"no user code", R"({"device_code":"d","verification_uri":"https://n.example","expires_in":9})", false},
      {"user code with a line break",
       R"({"device_code":"d","user_code":"u\nv","verification_uri":"https://n.example","expires_in":9})",
       false},
      {"no address", R"({"device_code":"d","user_code":"u","expires_in":9})", false},
      {"a script for an address",
       R"({"device_code":"d","user_code":"u","verification_uri":"javascript:alert","expires_in":9})", false},
      {"no end", R"({"device_code":"d","user_code":"u","verification_uri":"https://n.example"})", false},
      {"ended",
       R"({"device_code":"d","user_code":"u","verification_uri":"https://n.example","expires_in":0})", false},
      {"no object", "[]", false},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    TokenServer server(http_answer(200, row.body));
    HttpClient http;
    const SteadyTime now = steady_now();
    const auto grant = DeviceGrant::begin(http, server.client_of({}), now);
    REQUIRE(grant.has_value() == row.ok);
    if (!grant)
      CHECK(grant.error().failure == TokenFailure::malformed);
    else
      CHECK(grant->next_poll() == now + seconds(5));  // where the server names no interval
  }
  TokenServer server(refusal("unauthorized_client"));
  HttpClient http;
  const auto refused = DeviceGrant::begin(http, server.client_of({}), steady_now());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "unauthorized_client");
}
