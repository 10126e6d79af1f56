// What can be known about a POST that did not simply work: which answers leave it open whether the post is
// out, whom a limit holds up, and what time it is at X. Several are what others' boxes met in the field.
#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "base/text.h"
#include "tests/x/x_testing.h"
#include "x/same_post.h"

using namespace pigeon;
using namespace pigeon::x;
using testing::Api;
using testing::http_answer;
using testing::RawConnection;
using testing::RawServer;
using testing::Sandboxed;

namespace {

const std::string kDate = "Date: Fri, 15 Jan 2027 08:00:00 GMT\r\n";
constexpr std::int64_t kDateMs = 1'800'000'000'000;

// {"data":{"id":"1900000000000000077","text":"packed"}}, packed with gzip.
const char* const kPackedPost =
    "1f8b0800000000000203ab564a492c4954b2aa56ca4c51b25232b4344005e6e64a3a4a25a9152540c982c4e4ecd4"
    "14a5da5a0095b5eea735000000";

std::string packed_post() {
  const auto octets = from_hex(kPackedPost).value();
  return {octets.begin(), octets.end()};
}

}  // namespace

TEST_CASE("doubt: which answers to a POST leave it open") {
  struct Row {
    const char* name;
    std::string answer;
    Problem problem;
    Doubt doubt;
  };
  const Row rows[] = {
      {"a fault of X", http_answer(503, R"({"title":"Service Unavailable","status":503})"),
       Problem::unavailable, Doubt::answered},
      {"a fault on the way", http_answer(504, "<h1>504 Time-out</h1>"), Problem::unavailable,
       Doubt::answered},
      {"a fault that quotes a refusal", http_answer(500, R"({"errors":[{"code":187}]})"),
       Problem::unavailable, Doubt::answered},
      {"silence", "", Problem::unavailable, Doubt::silent},
      {"half an answer", "HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\n{\"data\":", Problem::unavailable,
       Doubt::silent},
      {"an answer that is no HTTP", "hello\r\n\r\n", Problem::unavailable, Doubt::silent},
      {"a packed answer that cannot be unpacked", http_answer(201, "{}", "Content-Encoding: gzip\r\n"),
       Problem::unavailable, Doubt::silent},
      {"a success without a post", http_answer(201, "{}"), Problem::unavailable, Doubt::unreadable},
      {"a success that is a page", http_answer(201, "<html>"), Problem::unavailable, Doubt::unreadable},
      {"half of a packed success",
       http_answer(201, packed_post().substr(0, 30), "Content-Encoding: gzip\r\n"), Problem::unavailable,
       Doubt::unreadable},
      {"another success", http_answer(200, R"({"data":{"id":"1"}})"), Problem::unavailable,
       Doubt::unreadable},
      {"elsewhere", http_answer(302, "", "Location: http://127.0.0.1:1/\r\n"), Problem::app_misconfigured,
       Doubt::none},
      {"bad", http_answer(400, R"({"title":"Invalid Request"})"), Problem::rejected, Doubt::none},
      {"token refused", http_answer(401, ""), Problem::unauthorized, Doubt::none},
      {"not paid", http_answer(402, ""), Problem::credits_depleted, Doubt::none},
      {"refused", http_answer(403, R"({"title":"Forbidden"})"), Problem::forbidden, Doubt::none},
      {"too often", http_answer(429, ""), Problem::rate_limited, Doubt::none},
      {"came too late", http_answer(408, ""), Problem::unavailable, Doubt::none},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    Api api(row.answer);
    const auto post = api.x.post("token1", "hello");
    REQUIRE_FALSE(post);
    CHECK(static_cast<int>(post.error().problem) == static_cast<int>(row.problem));
    CHECK(static_cast<int>(post.error().doubt) == static_cast<int>(row.doubt));
    CHECK(api.requests == 1);
  }
}

TEST_CASE("doubt: what never left leaves none") {
  std::string url;
  { url = Api("").server.url(""); }
  for (const std::string& nowhere : {url, std::string("http://no-such-host.invalid")}) {
    XClient x(nowhere);
    const auto post = x.post("token1", "hello");
    REQUIRE_FALSE(post);
    CHECK(post.error().problem == Problem::unreachable);
    CHECK(post.error().doubt == Doubt::none);
  }
  const RawServer no_tls([](RawConnection& connection) { static_cast<void>(connection.read_some()); });
  XClient x("https" + no_tls.url("").substr(4));
  const auto post = x.post("token1", "hello");
  REQUIRE_FALSE(post);
  CHECK(post.error().problem == Problem::unreachable);
  CHECK(post.error().doubt == Doubt::none);
}

TEST_CASE("doubt: X's clock comes with whatever X answers") {
  UtcTime now = from_unix_ms(1000);  // a box without a clock
  const auto clock = [&now] { return now; };
  const auto is_ahead = [&now](std::optional<milliseconds> offset, std::int64_t ms) {
    const milliseconds expected(ms - to_unix_ms(now));
    return offset && *offset >= expected && *offset < expected + seconds(20);
  };
  Api posted(http_answer(201, R"({"data":{"id":"1","text":"t"}})", kDate), clock);
  CHECK_FALSE(posted.x.clock_offset());
  const auto post = posted.x.post("token1", "hello");
  REQUIRE(post);
  CHECK(is_ahead(post->clock_offset, kDateMs));

  for (const int status : {400, 401, 403, 429, 503, 200}) {
    CAPTURE(status);
    Api refusing(http_answer(status, "", kDate), clock);
    const auto refused = refusing.x.post("token1", "hello");
    REQUIRE_FALSE(refused);
    CHECK(is_ahead(refused.error().clock_offset, kDateMs));
  }
  Api unreadable(http_answer(201, "{}", kDate), clock);
  CHECK(is_ahead(unreadable.x.post("token1", "hello").error().clock_offset, kDateMs));
  Api undated(http_answer(201, R"({"data":{"id":"1","text":"t"}})"), clock);
  CHECK_FALSE(undated.x.post("token1", "hello").value().clock_offset);
  Api silent("", clock);
  CHECK_FALSE(silent.x.post("token1", "hello").error().clock_offset);
}

TEST_CASE("doubt: X's clock is remembered, even while ours is set") {
  UtcTime now = from_unix_ms(1000);
  Api api(http_answer(200, R"({"data":{"id":"1","username":"ada"}})", kDate), [&now] { return now; });
  REQUIRE(api.x.me("token1"));
  now = from_unix_ms(kDateMs - 5000);  // set, and still 5 s behind
  const auto offset = api.x.clock_offset();
  REQUIRE(offset);
  CHECK(*offset >= seconds(5));
  CHECK(*offset < seconds(25));
}

TEST_CASE("doubt at the sandbox: silence keeps the clock of an earlier answer") {
  Sandboxed box([] { return utc_now() - std::chrono::hours(1000); });
  REQUIRE(box.x.me(box.token));
  box.sandbox.inject(*sim::named_fault("dropped", "POST /2/tweets"));
  const auto lost = box.x.post(box.token, "lost");
  REQUIRE_FALSE(lost);
  CHECK(lost.error().doubt == Doubt::silent);
  REQUIRE(lost.error().clock_offset);
  CHECK(*lost.error().clock_offset > std::chrono::hours(1000) - seconds(20));
  CHECK(*lost.error().clock_offset < std::chrono::hours(1000) + seconds(1));
}

TEST_CASE("field: a 504 after the post was made, and X is asked") {
  Sandboxed box;
  const auto user = box.x.me(box.token);
  REQUIRE(user);
  const UtcTime intent = utc_now() + box.x.clock_offset().value();
  box.sandbox.inject(*sim::named_fault("gateway-timeout", "POST /2/tweets"));
  const auto post = box.x.post(box.token, "made it anyway");
  REQUIRE_FALSE(post);
  CHECK(post.error().problem == Problem::unavailable);
  CHECK(post.error().doubt == Doubt::answered);
  const auto own = box.x.own_posts(box.token, user->id, intent);
  REQUIRE(own);
  REQUIRE(own->size() == 1);
  CHECK(own->front().id == box.sandbox.posts().at(0).id);
  CHECK(same_post("made it anyway", own->front()));
  CHECK_FALSE(same_post("made it", own->front()));
}

TEST_CASE("field: a limit ends by X's clock, in a box that has none") {
  Api api(http_answer(429, R"({"title":"Too Many Requests","status":429})",
                      kDate + "x-rate-limit-remaining: 0\r\nx-rate-limit-reset: 1800000002\r\n"),
          [] { return from_unix_ms(kDateMs - 150'000'000'000); });
  const auto post = api.x.post("token1", "no clock in this box");
  REQUIRE_FALSE(post);
  CHECK(post.error().problem == Problem::rate_limited);
  CHECK(post.error().limit == Limit::user_window);
  CHECK(post.error().retry_at == from_unix_ms(kDateMs - 150'000'000'000 + 2000));
}

TEST_CASE("field: a firewall's page says nothing about the post") {
  Api api(http_answer(403, "<!DOCTYPE html><title>Attention Required!</title>Sorry, you have been blocked",
                      "Content-Type: text/html\r\n"));
  const auto post = api.x.post("token1", "past the firewall");
  REQUIRE_FALSE(post);
  CHECK(post.error().problem == Problem::unavailable);
  CHECK(post.error().doubt == Doubt::none);
}

TEST_CASE("field: looks automated, and locked in the words of v2") {
  Api automated(http_answer(
      403, R"({"errors":[{"code":226,"message":"This request looks like it might be automated."}]})"));
  const auto refused = automated.x.post("token1", "am I a robot");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().problem == Problem::forbidden);
  CHECK(refused.error().detail == "This request looks like it might be automated.");
  Api locked(http_answer(
      403,
      R"({"title":"Forbidden","status":403,"type":"about:blank","detail":"Your account is temporarily locked."})"));
  const auto out = locked.x.post("token1", "locked out");
  REQUIRE_FALSE(out);
  CHECK(out.error().problem == Problem::suspended);
}

TEST_CASE("field: a compressed success is a success") {
  Api api(http_answer(201, packed_post(), "Content-Encoding: gzip\r\nContent-Type: application/json\r\n"));
  const auto post = api.x.post("token1", "packed");
  REQUIRE(post);
  CHECK(post->id == "1900000000000000077");
  CHECK(post->text == "packed");
}

TEST_CASE("doubt at the sandbox: whose limit it is") {
  struct Row {
    const char* fault;
    Limit limit;
  };
  const Row rows[] = {{"too-many-requests", Limit::user_window},
                      {"rate-limited-88", Limit::user_window},
                      {"user-day-limit", Limit::user_day},
                      {"app-day-limit", Limit::app_day},
                      {"usage-cap", Limit::app_cap}};
  Sandboxed box;
  for (const Row& row : rows) {
    CAPTURE(std::string(row.fault));
    box.sandbox.inject(*sim::named_fault(row.fault, "POST /2/tweets"));
    const auto post = box.x.post(box.token, "limited");
    REQUIRE_FALSE(post);
    CHECK(static_cast<int>(post.error().limit) == static_cast<int>(row.limit));
    CHECK(post.error().retry_at.has_value());
  }
}
