// GET /2/users/:id/tweets of the sandbox of X: how it gives texts back, asked over HTTP as a client would.
#include <doctest/doctest.h>

#include <string>

#include "sim/x/x_sandbox.h"
#include "tests/sim/x_sandbox_desk.h"

using namespace pigeon;
using namespace pigeon::sim;

namespace {

struct Reader {
  XDesk desk;
  std::string access;
  std::string user_id;

  explicit Reader(XSandboxOptions options = {}) : desk(std::move(options)) {
    access = desk.link_account()["access_token"];
    user_id = parsed(desk.me(access))["data"]["id"];
  }

  [[nodiscard]] httplib::Response ask(const std::string& query = "", const std::string& id = "") const {
    const std::string path = "/2/users/" + (id.empty() ? user_id : id) + "/tweets";
    const httplib::Result result =
        desk.client().Get(path + (query.empty() ? "" : "?" + query), XDesk::bearer(access));
    REQUIRE(result);
    return *result;
  }

  [[nodiscard]] json all() const { return parsed(ask("max_results=100&tweet.fields=created_at,entities")); }
};

std::vector<std::string> texts(const json& answer) {
  std::vector<std::string> out;
  if (answer.contains("data")) {
    for (const json& post : answer["data"]) out.push_back(post["text"]);
  }
  return out;
}

}  // namespace

TEST_CASE("timeline of X: texts come back as X has them") {
  const Reader reader;
  CHECK(reader.all() == json{{"meta", {{"result_count", 0}}}});
  const std::string text = "  <Grüße> & 🐦 example.com/a?b=1&c=2, https://example.org/ü \n";
  const std::string id = parsed(reader.desk.post(reader.access, {{"text", text}}))["data"]["id"];
  const json answer = reader.all();
  REQUIRE(answer["data"].size() == 1);
  const json& post = answer["data"][0];
  const json& urls = post["entities"]["urls"];
  REQUIRE(urls.size() == 2);
  const std::string first = urls[0]["url"];
  const std::string second = urls[1]["url"];
  CHECK(post["id"] == id);
  CHECK(post["text"] == "&lt;Grüße&gt; &amp; 🐦 " + first + ", " + second);
  CHECK(first.starts_with("https://t.co/"));
  CHECK(urls[0]["expanded_url"] == "http://example.com/a?b=1&c=2");
  CHECK(urls[0]["display_url"] == "example.com/a?b=1&c=2");
  CHECK(urls[0]["start"] == 22);
  CHECK(urls[0]["end"] == 45);
  CHECK(urls[1]["expanded_url"] == "https://example.org/ü");
  const std::string created_at = post["created_at"];
  CHECK(created_at.ends_with(".000Z"));
  CHECK(created_at.substr(0, 19) == to_rfc3339(reader.desk.sandbox.posts()[0].at).substr(0, 19));
  CHECK(answer["meta"] == json{{"result_count", 1}, {"newest_id", id}, {"oldest_id", id}});
}

TEST_CASE("timeline of X: only the fields that are asked for") {
  const Reader reader;
  CHECK(reader.desk.post(reader.access, {{"text", "see example.com"}}).status == 201);
  const json plain = parsed(reader.ask())["data"][0];
  CHECK_FALSE(plain.contains("created_at"));
  CHECK_FALSE(plain.contains("entities"));
  const json dated = parsed(reader.ask("tweet.fields=created_at"))["data"][0];
  CHECK(dated.contains("created_at"));
  CHECK_FALSE(dated.contains("entities"));
  CHECK(parsed(reader.ask("tweet.fields=entities"))["data"][0].contains("entities"));
}

TEST_CASE("timeline of X: the latest first, a page at a time, without what is deleted") {
  const Reader reader;
  std::string third;
  for (int i = 1; i <= 12; ++i) {
    const std::string id =
        parsed(reader.desk.post(reader.access, {{"text", std::to_string(i)}}))["data"]["id"];
    if (i == 3) third = id;
  }
  CHECK(reader.desk.remove(reader.access, third).status == 200);
  const json page = parsed(reader.ask("max_results=5"));
  CHECK(texts(page) == std::vector<std::string>{"12", "11", "10", "9", "8"});
  const std::string token = page["meta"]["next_token"];
  const json next = parsed(reader.ask("max_results=5&pagination_token=" + token));
  CHECK(texts(next) == std::vector<std::string>{"7", "6", "5", "4", "2"});
  const std::string last_token = next["meta"]["next_token"];
  const json last = parsed(reader.ask("max_results=5&pagination_token=" + last_token));
  CHECK(texts(last) == std::vector<std::string>{"1"});
  CHECK_FALSE(last["meta"].contains("next_token"));
  CHECK(texts(parsed(reader.ask())).size() == 10);
}

TEST_CASE("timeline of X: a person's own posts, and nobody else's") {
  Reader reader;
  CHECK(reader.desk.post(reader.access, {{"text", "ada's"}}).status == 201);
  reader.desk.sandbox.sign_in("grace");
  const std::string grace = reader.desk.link_account()["access_token"];
  const std::string grace_id = parsed(reader.desk.me(grace))["data"]["id"];
  CHECK(reader.desk.post(grace, {{"text", "grace's"}}).status == 201);
  CHECK(texts(reader.all()) == std::vector<std::string>{"ada's"});
  CHECK(texts(parsed(reader.ask("", grace_id))) == std::vector<std::string>{"grace's"});
  const json nobody = parsed(reader.ask("", "12"));
  CHECK(nobody["errors"][0]["title"] == "Not Found Error");
  CHECK_FALSE(nobody.contains("meta"));
}

TEST_CASE("timeline of X: a post may be missing for a while") {
  Reader reader;
  CHECK(reader.desk.post(reader.access, {{"text", "late"}}).status == 201);
  reader.desk.sandbox.show_posts_after(std::chrono::minutes(1));
  CHECK(texts(reader.all()).empty());
  reader.desk.sandbox.advance(seconds(61));
  CHECK(texts(reader.all()) == std::vector<std::string>{"late"});
}

TEST_CASE("timeline of X: what is refused") {
  XSandboxOptions options;
  options.limits.timeline = 8;
  Reader reader(options);
  for (const char* query : {"max_results=4", "max_results=101", "max_results=", "max_results=9x",
                            "tweet.fields=created_at,colour", "start=1", "max_results=5&max_results=6"}) {
    CAPTURE(std::string(query));
    const httplib::Response refused = reader.ask(query);
    CHECK(refused.status == 400);
    CHECK(parsed(refused)["title"] == "Invalid Request");
  }
  CHECK(reader.ask().status == 200);
  CHECK(reader.ask().status == 429);
  const std::string access = reader.access;
  reader.access = "wrong";
  CHECK(reader.ask().status == 401);
  reader.desk.sandbox.advance(seconds(900));
  reader.desk.sandbox.grant_only({"users.read", "tweet.write", "offline.access"});
  reader.access = reader.desk.link_account()["access_token"];
  CHECK(reader.ask().status == 403);
}

TEST_CASE("timeline of X: faults are injected there as elsewhere") {
  Reader reader;
  const std::string match = "GET /2/users/" + reader.user_id + "/tweets";
  reader.desk.sandbox.inject(*named_fault("unavailable", match));
  CHECK(reader.ask().status == 503);
  CHECK(reader.ask("max_results=5").status == 200);
  const auto requests = reader.desk.sandbox.requests();
  REQUIRE(requests.size() >= 2);
  CHECK(requests[requests.size() - 2] == match + " 503");
  CHECK(requests.back() == match + " 200");
}

TEST_CASE("sandbox of X: every answer is dated by its own clock, and so are its limits") {
  Reader reader;
  CHECK(reader.ask().get_header_value("Date").ends_with(" GMT"));
  reader.desk.sandbox.advance(std::chrono::hours(24 * 365 * 100));
  const int year = std::stoi(to_rfc3339(utc_now()).substr(0, 4));
  const std::string ahead = reader.ask().get_header_value("Date");
  CHECK(std::stoi(ahead.substr(12, 4)) >= year + 99);
  reader.desk.sandbox.inject(*named_fault("app-day-limit", "GET /2/users/"));
  const httplib::Response limited = reader.ask();
  CHECK(limited.status == 429);
  CHECK(limited.get_header_value("x-app-limit-24hour-remaining") == "0");
  CHECK(limited.get_header_value("Date").substr(0, 16) == ahead.substr(0, 16));
  const std::int64_t reset = std::stoll(limited.get_header_value("x-app-limit-24hour-reset"));
  CHECK(reset - to_unix_ms(utc_now()) / 1000 > 99LL * 365 * 86400);
}
