// The calls of API v2: what they send, and what they make of answers; then the same against the sandbox of X.
#include "x/x_client.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/x/x_testing.h"

using namespace pigeon;
using namespace pigeon::x;
using testing::Api;
using testing::http_answer;
using testing::Sandboxed;

TEST_CASE("x: a post goes out as JSON and comes back with its id") {
  Api api(http_answer(201,
                      R"({"data":{"id":"1445880548472328192","text":"hi","edit_history_tweet_ids":["1"]}})"));
  const auto post = api.x.post("token1", "say \"hi\"\n\\ \xF0\x9F\x90\xA6");
  REQUIRE(post);
  CHECK(post->id == "1445880548472328192");
  CHECK(post->text == "hi");
  CHECK(api.seen.starts_with("POST /2/tweets HTTP/1.1\r\n"));
  CHECK(api.seen.find("\r\nAuthorization: Bearer token1\r\n") != std::string::npos);
  CHECK(api.seen.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
  CHECK(api.seen.ends_with("\r\n\r\n{\"text\":\"say \\\"hi\\\"\\n\\\\ \xF0\x9F\x90\xA6\"}"));
}

TEST_CASE("x: what is not UTF-8 is refused before it is sent") {
  Api api(http_answer(201, R"({"data":{"id":"1","text":""}})"));
  for (const char* text : {"\xff", "a\xC0\x80", "\xED\xA0\x80", "\xF0\x9F\x90"}) {
    const auto post = api.x.post("token1", text);
    REQUIRE_FALSE(post);
    CHECK(post.error().problem == Problem::rejected);
    CHECK(post.error().doubt == Doubt::none);
  }
  CHECK(api.requests == 0);
}

TEST_CASE("x: a token or id that would break out of its place is refused") {
  Api api(http_answer(200, R"({"data":{"deleted":true}})"));
  const auto post = api.x.post("a\r\nX: y", "hello");
  REQUIRE_FALSE(post);
  CHECK(post.error().problem == Problem::rejected);
  for (const char* id : {"", "1/../../x", "12a", "1?x=y", "123456789012345678901"}) {
    const auto removed = api.x.remove("token1", id);
    REQUIRE_FALSE(removed);
    CHECK(removed.error().problem == Problem::rejected);
  }
  CHECK(api.requests == 0);
}

TEST_CASE("x: a created post whose answer is unreadable is an unknown outcome") {
  for (const char* body : {"", "{", "[]", "{}", R"({"data":[]})", R"({"data":{}})", R"({"data":{"id":5}})",
                           R"({"data":{"id":"5x"}})", R"({"data":{"id":""}})"}) {
    CAPTURE(std::string(body));
    Api api(http_answer(201, body));
    const auto post = api.x.post("token1", "hello");
    REQUIRE_FALSE(post);
    CHECK(post.error().problem == Problem::unavailable);
    CHECK(post.error().doubt == Doubt::unreadable);
  }
}

TEST_CASE("x: who am I") {
  Api api(http_answer(200, R"({"data":{"id":"2244994945","name":"Ada L","username":"ada_l"}})"));
  const auto user = api.x.me("token1");
  REQUIRE(user);
  CHECK(user->id == "2244994945");
  CHECK(user->username == "ada_l");
  CHECK(api.seen.starts_with("GET /2/users/me HTTP/1.1\r\n"));
}

TEST_CASE("x: who am I, answered badly: nothing has happened") {
  for (const char* body : {"", R"({"data":{"id":"1"}})", R"({"data":{"id":"x","username":"ada"}})",
                           R"({"data":{"id":"1","username":"<b>"}})"}) {
    CAPTURE(std::string(body));
    Api api(http_answer(200, body));
    const auto user = api.x.me("token1");
    REQUIRE_FALSE(user);
    CHECK(user.error().problem == Problem::unavailable);
    CHECK(user.error().doubt == Doubt::none);
  }
  Api down(http_answer(503, ""));
  const auto user = down.x.me("token1");
  REQUIRE_FALSE(user);
  CHECK(user.error().doubt == Doubt::none);
}

TEST_CASE("x: deleting") {
  Api api(http_answer(200, R"({"data":{"deleted":true}})"));
  CHECK(api.x.remove("token1", "42"));
  CHECK(api.seen.starts_with("DELETE /2/tweets/42 HTTP/1.1\r\n"));
  Api gone(http_answer(404, R"({"title":"Not Found Error","detail":"gone"})"));
  const auto removed = gone.x.remove("token1", "42");
  REQUIRE_FALSE(removed);
  CHECK(removed.error().problem == Problem::not_found);
}

TEST_CASE("x: lost, or never left") {
  Api silent("");
  const auto lost = silent.x.post("token1", "hello");
  REQUIRE_FALSE(lost);
  CHECK(lost.error().problem == Problem::unavailable);
  CHECK(lost.error().doubt == Doubt::silent);
  CHECK(silent.requests == 1);

  std::string url;
  { url = Api("").server.url(""); }
  XClient x(url);
  const auto unreachable = x.post("token1", "hello");
  REQUIRE_FALSE(unreachable);
  CHECK(unreachable.error().problem == Problem::unreachable);
  CHECK(unreachable.error().doubt == Doubt::none);
}

TEST_CASE("x: a server that quotes the token does not put it into the error") {
  Api api(http_answer(403, R"({"title":"Forbidden","detail":"token token-1234 may not"})"));
  const auto post = api.x.post("token-1234", "hello");
  REQUIRE_FALSE(post);
  CHECK(post.error().detail == "token [secret] may not");
}

TEST_CASE("x at the sandbox: post, duplicate, delete") {
  Sandboxed box;
  const auto post = box.x.post(box.token, "Hello from the road 🐦");
  REQUIRE(post);
  const auto again = box.x.post(box.token, "Hello from the road 🐦");
  REQUIRE_FALSE(again);
  CHECK(again.error().problem == Problem::duplicate);
  REQUIRE(box.sandbox.posts().size() == 1);
  CHECK(box.sandbox.posts()[0].text == "Hello from the road 🐦");
  CHECK(box.sandbox.posts()[0].id == post->id);
  REQUIRE(box.x.remove(box.token, post->id));
  CHECK(box.sandbox.posts()[0].deleted);
}

TEST_CASE("x at the sandbox: each of its refusals") {
  struct Row {
    const char* fault;
    Problem problem;
    Doubt doubt;
    bool has_retry_at;
  };
  const Row rows[] = {
      {"unavailable", Problem::unavailable, Doubt::answered, false},
      {"too-many-requests", Problem::rate_limited, Doubt::none, true},
      {"rate-limited-88", Problem::rate_limited, Doubt::none, true},
      {"user-day-limit", Problem::rate_limited, Doubt::none, true},
      {"app-day-limit", Problem::rate_limited, Doubt::none, true},
      {"usage-cap", Problem::rate_limited, Doubt::none, true},
      {"credits-depleted", Problem::credits_depleted, Doubt::none, false},
      {"suspended", Problem::suspended, Doubt::none, false},
      {"locked", Problem::suspended, Doubt::none, false},
      {"automated", Problem::forbidden, Doubt::none, false},
      {"client-forbidden", Problem::app_misconfigured, Doubt::none, false},
      {"unauthorized", Problem::unauthorized, Doubt::none, false},
      {"dropped", Problem::unavailable, Doubt::silent, false},
  };
  Sandboxed box;
  for (const Row& row : rows) {
    CAPTURE(std::string(row.fault));
    const auto fault = sim::named_fault(row.fault, "POST /2/tweets");
    REQUIRE(fault);
    box.sandbox.inject(*fault);
    const auto post = box.x.post(box.token, "refused");
    REQUIRE_FALSE(post);
    CHECK(static_cast<int>(post.error().problem) == static_cast<int>(row.problem));
    CHECK(static_cast<int>(post.error().doubt) == static_cast<int>(row.doubt));
    CHECK(post.error().retry_at.has_value() == row.has_retry_at);
  }
  CHECK(box.sandbox.posts().empty());
}

TEST_CASE("x at the sandbox: a lost answer, then the retry that X calls a duplicate") {
  Sandboxed box;
  const auto fault = sim::named_fault("lost-answer", "POST /2/tweets");
  REQUIRE(fault);
  // A warm connection, on which libcurl would repeat the POST by itself.
  REQUIRE(box.x.me(box.token));
  box.sandbox.inject(*fault);
  const auto lost = box.x.post(box.token, "once only");
  REQUIRE_FALSE(lost);
  CHECK(lost.error().doubt == Doubt::silent);
  CHECK(box.sandbox.posts().size() == 1);
  const auto retry = box.x.post(box.token, "once only");
  REQUIRE_FALSE(retry);
  CHECK(retry.error().problem == Problem::duplicate);
  CHECK(box.sandbox.posts().size() == 1);
}

TEST_CASE("x at the sandbox: limits by the quarter hour, expiry, suspension") {
  sim::XSandboxOptions options;
  Sandboxed box;
  for (int i = 0; i < options.limits.posts; ++i) REQUIRE(box.x.post(box.token, "post " + std::to_string(i)));
  const auto limited = box.x.post(box.token, "one too many");
  REQUIRE_FALSE(limited);
  CHECK(limited.error().problem == Problem::rate_limited);
  REQUIRE(limited.error().retry_at);
  CHECK(*limited.error().retry_at > utc_now());
  CHECK(*limited.error().retry_at <= utc_now() + std::chrono::minutes(16));

  box.sandbox.suspend(true);
  const auto suspended = box.x.me(box.token);
  REQUIRE_FALSE(suspended);
  CHECK(suspended.error().problem == Problem::suspended);
  box.sandbox.suspend(false);
  box.sandbox.expire_access_tokens();
  const auto expired = box.x.me(box.token);
  REQUIRE_FALSE(expired);
  CHECK(expired.error().problem == Problem::unauthorized);
}
