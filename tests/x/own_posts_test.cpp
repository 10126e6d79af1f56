// Asking X what is out: the question, the reading of the answer, and what may never look like "not there".
#include "x/own_posts.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

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

const UtcTime kIntent = from_unix_ms(1'800'000'000'700);  // 2027-01-15T08:00:00.7Z

std::string post_at(const std::string& second, const std::string& id = "7") {
  return R"({"id":")" + id + R"(","text":"t","created_at":"2027-01-15T08:00:)" + second + R"(.000Z"})";
}

std::string list_of(const std::vector<std::string>& posts, const std::string& meta = "") {
  std::string data;
  for (const std::string& post : posts) data += (data.empty() ? "" : ",") + post;
  return R"({"data":[)" + data + R"(],"meta":{"result_count":)" + std::to_string(posts.size()) + meta + "}}";
}

std::vector<std::string> many(std::size_t count, const std::string& second) {
  std::vector<std::string> posts;
  for (std::size_t i = 0; i < count; ++i) posts.push_back(post_at(second, std::to_string(1000 - i)));
  return posts;
}

std::vector<std::string> ids(const std::vector<OwnPost>& posts) {
  std::vector<std::string> out;
  for (const OwnPost& post : posts) out.push_back(post.id);
  return out;
}

std::string user_id_at(Sandboxed& box) {
  const auto user = box.x.me(box.token);
  REQUIRE(user);
  return user->id;
}

}  // namespace

TEST_CASE("own posts: an answer is read") {
  const auto own = read_own_posts(
      R"({"data":[{"id":"2","text":"see https://t.co/a &amp; \ud83d\udc26","created_at":"2027-01-15T08:00:01.000Z",
          "edit_history_tweet_ids":["2"],"entities":{"urls":[
            {"start":4,"end":18,"url":"https://t.co/a","expanded_url":"https://example.com/","display_url":"example.com"},
            {"url":"https://t.co/b"}, {"expanded_url":"https://example.com/"}, "x", 5]}},
         {"id":"1","text":"plain","created_at":"2027-01-15T08:00:00.000Z","entities":{"hashtags":[]}}],
        "meta":{"result_count":2,"newest_id":"2","oldest_id":"1","next_token":"n"}})");
  REQUIRE(own);
  REQUIRE(own->posts.size() == 2);
  CHECK(own->posts[0].id == "2");
  CHECK(own->posts[0].text == "see https://t.co/a &amp; 🐦");
  CHECK(own->posts[0].created_at == from_unix_ms(1'800'000'001'000));
  REQUIRE(own->posts[0].urls.size() == 1);
  CHECK(own->posts[0].urls[0].url == "https://t.co/a");
  CHECK(own->posts[0].urls[0].expanded_url == "https://example.com/");
  CHECK(own->posts[1].urls.empty());
  CHECK(own->more);
}

TEST_CASE("own posts: nobody's posts are an empty list, a missing list is none") {
  struct Row {
    const char* body;
    bool readable;
  };
  const Row rows[] = {
      {R"({"meta":{"result_count":0}})", true},
      {R"({"data":[],"meta":{"result_count":0}})", true},
      {R"({"data":[]})", true},
      {R"({"errors":[{"title":"Not Found Error","detail":"Could not find user with id: [1]."}]})", false},
      {R"({"meta":{"result_count":3}})", false},
      {R"({"meta":{}})", false},
      {R"({"meta":{"result_count":"0"}})", false},
      {R"({"data":{},"meta":{"result_count":0}})", false},
      {R"({"data":[{"text":"t","created_at":"2027-01-15T08:00:00.000Z"}]})", false},
      {R"({"data":[{"id":"1","created_at":"2027-01-15T08:00:00.000Z"}]})", false},
      {R"({"data":[{"id":"1","text":"t"}]})", false},
      {R"({"data":[{"id":"1","text":"t","created_at":"today"}]})", false},
      {R"({"data":["1"]})", false},
      {"{}", false},
      {"[]", false},
      {"<html>", false},
      {"", false},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.body));
    CHECK(read_own_posts(row.body).has_value() == row.readable);
  }
}

TEST_CASE("own posts: the question, and only what was made since") {
  Api api(http_answer(200, list_of({post_at("02", "4"), post_at("01", "3"), post_at("00", "2")}) + " "));
  const auto posts = api.x.own_posts("token1", "2244994945", kIntent);
  REQUIRE(posts);
  CHECK(api.seen.starts_with(
      "GET /2/users/2244994945/tweets?max_results=10&tweet.fields=created_at,entities HTTP/1.1"));
  CHECK(api.seen.find("\r\nAuthorization: Bearer token1\r\n") != std::string::npos);
  // X leaves the fraction out: what was made within the second of the intent may be ours.
  CHECK(ids(*posts) == std::vector<std::string>{"4", "3", "2"});
  const auto later = api.x.own_posts("token1", "2244994945", kIntent + seconds(1));
  REQUIRE(later);
  CHECK(ids(*later) == std::vector<std::string>{"4", "3"});
}

TEST_CASE("own posts: no more are paid for than are needed") {
  struct Row {
    const char* name;
    std::vector<std::string> few;
    const char* meta;
    int requests;
  };
  auto reaching = many(9, "05");
  reaching.push_back(post_at("00", "1"));
  const Row rows[] = {
      {"none", {}, "", 1},
      {"a few, and no more exist", many(3, "05"), "", 1},
      {"as many as asked for, the oldest made before", reaching, R"(,"next_token":"n")", 1},
      {"as many as asked for, all made since", many(10, "05"), R"(,"next_token":"n")", 2},
      {"as many as asked for, no word about more", many(10, "05"), "", 2},
      {"fewer than asked for, and more exist", many(4, "05"), R"(,"next_token":"n")", 2},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    std::string seen;
    int requests = 0;
    RawServer server([&](RawConnection& connection) {
      while (auto request = connection.read_request()) {
        seen = *request;
        auto all = many(42, "05");
        all.push_back(post_at("00", "1"));
        connection.write(http_answer(200, ++requests == 1 ? list_of(row.few, row.meta) : list_of(all)));
      }
    });
    XClient x(server.url(""));
    const auto posts = x.own_posts("token1", "1", kIntent + seconds(2));
    REQUIRE(posts);
    CHECK(requests == row.requests);
    CHECK((seen.find("max_results=100&") != std::string::npos) == (row.requests == 2));
    CHECK((posts->size() == 42) == (row.requests == 2));
  }
}

TEST_CASE("own posts: too many to see back is no answer") {
  Api api(http_answer(200, list_of(many(100, "05"), R"(,"next_token":"n")")));
  const auto posts = api.x.own_posts("token1", "1", kIntent);
  REQUIRE_FALSE(posts);
  CHECK(posts.error().problem == Problem::unavailable);
  CHECK(posts.error().doubt == Doubt::none);
  CHECK(api.requests == 2);
}

TEST_CASE("own posts: a question without an answer is an error, and never a doubt") {
  struct Row {
    const char* name;
    std::string answer;
    Problem problem;
  };
  const Row rows[] = {
      {"token refused", http_answer(401, R"({"title":"Unauthorized","status":401})"), Problem::unauthorized},
      {"too often", http_answer(429, R"({"title":"Too Many Requests"})"), Problem::rate_limited},
      {"fault of X", http_answer(503, ""), Problem::unavailable},
      {"silence", "", Problem::unavailable},
      {"another 2xx", http_answer(204, ""), Problem::unavailable},
      {"not a list", http_answer(200, R"({"data":5})"), Problem::unavailable},
      {"an id that is none", http_answer(200, list_of({post_at("05", "1/../2")})), Problem::unavailable},
      {"a firewall's page", http_answer(403, "<html>"), Problem::unavailable},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    Api api(row.answer);
    const auto posts = api.x.own_posts("token1", "1", kIntent);
    REQUIRE_FALSE(posts);
    CHECK(static_cast<int>(posts.error().problem) == static_cast<int>(row.problem));
    CHECK(posts.error().doubt == Doubt::none);
  }
  Api api(http_answer(200, list_of({})));
  for (const char* id : {"", "me", "1/tweets?x=", "123456789012345678901"}) {
    const auto posts = api.x.own_posts("token1", id, kIntent);
    REQUIRE_FALSE(posts);
    CHECK(posts.error().problem == Problem::rejected);
  }
  CHECK(api.requests == 0);
}

TEST_CASE("own posts: how long ago it was, for a box that knows no time") {
  const std::string date = "Date: Fri, 15 Jan 2027 08:00:09 GMT\r\n";
  const std::string body = list_of({post_at("06", "3"), post_at("05", "2"), post_at("04", "1")});
  Api in_1970(http_answer(200, body, date), [] { return from_unix_ms(1000); });
  const auto posts = in_1970.x.own_posts("token1", "1", milliseconds(3500));
  REQUIRE(posts);
  CHECK(ids(*posts) == std::vector<std::string>{"3", "2"});
  // Without a Date our own clock has to do.
  Api no_date(http_answer(200, body), [] { return from_unix_ms(1'800'000'009'000); });
  const auto ours = no_date.x.own_posts("token1", "1", milliseconds(3500));
  REQUIRE(ours);
  CHECK(ids(*ours) == std::vector<std::string>{"3", "2"});
}

TEST_CASE("own posts at the sandbox: nasty texts are known again") {
  Sandboxed box;
  const std::string user = user_id_at(box);
  const UtcTime intent = utc_now();
  const std::string texts[] = {
      "plain",
      " a & b <c> \"d\" 'e' ",
      "typed &amp; once",
      "👨\u200D👩\u200D👧 Cafe\u0301",
      "https://example.com/a?b=1&c=2 and example.org/x, (https://example.net/y)",
      "look: https://t.co/abcdefghij",
      "the end is a link https://example.com/\u00FC",
  };
  std::vector<std::string> sent;
  for (const std::string& text : texts) {
    const auto post = box.x.post(box.token, text);
    REQUIRE(post);
    sent.push_back(post->id);
  }
  const auto posts = box.x.own_posts(box.token, user, intent + box.x.clock_offset().value());
  REQUIRE(posts);
  REQUIRE(posts->size() == std::size(texts));
  for (std::size_t i = 0; i < std::size(texts); ++i) {
    CAPTURE(texts[i]);
    for (const OwnPost& post : *posts) {
      CAPTURE(post.text);
      CHECK(same_post(texts[i], post) == (post.id == sent[i]));
    }
  }
}

TEST_CASE("own posts at the sandbox: what was there before, and what is another's, is not shown") {
  Sandboxed box;
  const std::string user = user_id_at(box);
  REQUIRE(box.x.post(box.token, "an hour ago"));
  box.sandbox.advance(std::chrono::hours(1));
  REQUIRE(box.x.me(box.token));
  const UtcTime intent = utc_now() + box.x.clock_offset().value();
  REQUIRE(box.x.post(box.token, "now"));
  const auto posts = box.x.own_posts(box.token, user, intent);
  REQUIRE(posts);
  REQUIRE(posts->size() == 1);
  CHECK((*posts)[0].text == "now");
  box.sandbox.show_posts_after(std::chrono::hours(2));
  const auto hidden = box.x.own_posts(box.token, user, intent);
  REQUIRE(hidden);
  CHECK(hidden->empty());
  const auto stranger = box.x.own_posts(box.token, "1", intent);
  REQUIRE_FALSE(stranger);
  CHECK(stranger.error().problem == Problem::unavailable);
}
