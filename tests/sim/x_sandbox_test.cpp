// The API side of the sandbox of X, its faults, hooks and threads, asked over HTTP as a client would.
#include "sim/x/x_sandbox.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "tests/sim/x_sandbox_desk.h"

using namespace pigeon;
using namespace pigeon::sim;

TEST_CASE("sandbox of X: from the authorize link to a post") {
  const XDesk desk;
  const json tokens = desk.link_account();
  CHECK(tokens["token_type"] == "bearer");
  CHECK(tokens["expires_in"] == 7200);
  CHECK(tokens["scope"] == "media.write offline.access tweet.read tweet.write users.read");
  const std::string access = tokens["access_token"];
  const json me = parsed(desk.me(access));
  CHECK(me["data"]["username"] == "ada");
  const httplib::Response made = desk.post(access, {{"text", "Grüße 🐦"}});
  CHECK(made.status == 201);
  CHECK(parsed(made)["data"]["text"] == "Grüße 🐦");
  const std::vector<SandboxPost> posts = desk.sandbox.wait_for_posts(1, seconds(5));
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].text == "Grüße 🐦");
  CHECK(posts[0].id == parsed(made)["data"]["id"].get<std::string>());
  CHECK(posts[0].user_id == me["data"]["id"].get<std::string>());
  CHECK(desk.sandbox.requests() ==
        std::vector<std::string>{"POST /2/oauth2/token 200", "GET /2/users/me 200", "POST /2/tweets 201"});
}

TEST_CASE("sandbox of X: what a post may be") {
  const XDesk desk;
  const std::string access = desk.link_account()["access_token"];
  const std::string url = "https://example.com/" + std::string(300, 'a');
  std::string family;  // one emoji of seven code points, of which X counts two
  for (int i = 0; i < 140; ++i) family += "👨‍👩‍👧‍👦";
  struct Row {
    const char* name;
    json body;
    int status;
  };
  const Row rows[] = {
      {"280 letters", {{"text", std::string(280, 'x')}}, 201},
      {"281 letters", {{"text", std::string(281, 'x')}}, 400},
      {"a long link counts 23", {{"text", std::string(256, 'y') + " " + url}}, 201},
      {"and no less", {{"text", std::string(258, 'y') + " " + url}}, 400},
      {"140 families", {{"text", family}}, 201},
      {"and one more", {{"text", family + "👩"}}, 400},
      {"an unknown field", {{"text", "a"}, {"colour", "red"}}, 400},
      {"no text", json::object(), 400},
      {"an empty text", {{"text", " "}}, 400},
      {"a number for a text", {{"text", 7}}, 400},
      {"a list", json::array(), 400},
      {"media that was never uploaded", {{"text", "m"}, {"media", {{"media_ids", {"1"}}}}}, 400},
      {"a reply to nothing", {{"text", "r"}, {"reply", {{"in_reply_to_tweet_id", "1"}}}}, 403},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(desk.post(access, row.body).status == row.status);
  }
  CHECK(desk.client().Post("/2/tweets", XDesk::bearer(access), "{\"text\":", "application/json")->status ==
        400);
  CHECK(desk.client().Post("/2/tweets", XDesk::bearer(access), "text=a", kFormType)->status == 400);
}

TEST_CASE("sandbox of X: duplicates are refused a user, until the first is deleted") {
  XDesk desk;
  const std::string ada = desk.link_account()["access_token"];
  desk.sandbox.sign_in("grace");
  const std::string grace = desk.link_account()["access_token"];
  const std::string id = parsed(desk.post(ada, {{"text", "again"}}))["data"]["id"];
  const httplib::Response twice = desk.post(ada, {{"text", "again"}});
  CHECK(twice.status == 403);
  CHECK(parsed(twice)["detail"] == "You are not allowed to create a Tweet with duplicate content.");
  CHECK(desk.post(grace, {{"text", "again"}}).status == 201);
  CHECK(desk.remove(grace, id).status == 403);
  CHECK(desk.remove(ada, id).status == 200);
  CHECK(desk.remove(ada, id).status == 404);
  CHECK(desk.sandbox.posts().at(0).deleted);
  CHECK(desk.post(ada, {{"text", "again"}}).status == 201);
}

TEST_CASE("sandbox of X: a thread replies to its own posts") {
  const XDesk desk;
  const std::string access = desk.link_account()["access_token"];
  const std::string id = parsed(desk.post(access, {{"text", "1/2"}}))["data"]["id"];
  CHECK(desk.post(access, {{"text", "2/2"}, {"reply", {{"in_reply_to_tweet_id", id}}}}).status == 201);
  CHECK(desk.sandbox.posts().at(1).in_reply_to == id);
}

TEST_CASE("sandbox of X: limits count down, refuse and come back") {
  XSandboxOptions options;
  options.limits.posts = 2;
  XDesk desk(options);
  const std::string access = desk.link_account()["access_token"];
  const httplib::Response first = desk.post(access, {{"text", "1"}});
  CHECK(first.get_header_value("x-rate-limit-limit") == "2");
  CHECK(first.get_header_value("x-rate-limit-remaining") == "1");
  CHECK(first.get_header_value("x-app-limit-24hour-remaining") == "9999");
  CHECK(desk.post(access, {{"text", "1"}}).status == 403);  // a refused post counts too
  const httplib::Response over = desk.post(access, {{"text", "2"}});
  CHECK(over.status == 429);
  CHECK(parsed(over)["title"] == "Too Many Requests");
  const std::int64_t reset = std::stoll(over.get_header_value("x-rate-limit-reset"));
  CHECK(reset - to_unix_ms(utc_now()) / 1000 > 890);
  CHECK(reset - to_unix_ms(utc_now()) / 1000 <= 901);
  CHECK(desk.me(access).status == 200);  // each endpoint counts for itself
  desk.sandbox.advance(seconds(900));
  CHECK(desk.post(access, {{"text", "2"}}).status == 201);
}

TEST_CASE("sandbox of X: the app's limit of a day holds for all users together") {
  XSandboxOptions options;
  options.limits.app_posts_a_day = 1;
  XDesk desk(options);
  const std::string ada = desk.link_account()["access_token"];
  desk.sandbox.sign_in("grace");
  const std::string grace = desk.link_account()["access_token"];
  CHECK(desk.post(ada, {{"text", "1"}}).status == 201);
  CHECK(desk.post(grace, {{"text", "2"}}).status == 429);
}

TEST_CASE("sandbox of X: a suspended user is told so") {
  XDesk desk;
  const std::string access = desk.link_account()["access_token"];
  desk.sandbox.suspend(true);
  const httplib::Response refused = desk.post(access, {{"text", "hello"}});
  CHECK(refused.status == 403);
  CHECK(std::string(parsed(refused)["type"]).ends_with("/problems/user-suspended"));
  desk.sandbox.suspend(false);
  CHECK(desk.post(access, {{"text", "hello"}}).status == 201);
}

TEST_CASE("sandbox of X: injected answers come as often as asked, in X's words") {
  XDesk desk;
  const std::string access = desk.link_account()["access_token"];
  struct Row {
    const char* name;
    int status;
    const char* title;
  };
  const Row rows[] = {
      {"unavailable", 503, "Service Unavailable"},
      {"credits-depleted", 402, "CreditsDepleted"},
      {"usage-cap", 429, "UsageCapExceeded"},
      {"too-many-requests", 429, "Too Many Requests"},
      {"suspended", 403, "Forbidden"},
      {"locked", 403, "Forbidden"},
      {"user-day-limit", 429, "Too Many Requests"},
      {"client-forbidden", 403, "Client Forbidden"},
      {"unauthorized", 401, "Unauthorized"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    desk.sandbox.inject(*named_fault(row.name, "POST /2/tweets", 2));
    for (int i = 0; i < 2; ++i) {
      const httplib::Response answer = desk.post(access, {{"text", row.name}});
      CHECK(answer.status == row.status);
      CHECK(parsed(answer)["title"] == row.title);
    }
    CHECK(desk.post(access, {{"text", row.name}}).status == 201);
  }
  desk.sandbox.inject(*named_fault("rate-limited-88", "POST /2/tweets"));
  const httplib::Response limited = desk.post(access, {{"text", "88"}});
  CHECK(limited.status == 429);
  CHECK(limited.has_header("x-rate-limit-reset"));
  CHECK(parsed(limited)["errors"][0]["code"] == 88);
  desk.sandbox.inject(*named_fault("automated", "POST /2/tweets"));
  CHECK(parsed(desk.post(access, {{"text", "226"}}))["errors"][0]["code"] == 226);
  CHECK_FALSE(named_fault("nonsense", "POST"));
}

TEST_CASE("sandbox of X: an answer may be lost after the work was done, or before") {
  XDesk desk;
  const std::string access = desk.link_account()["access_token"];
  const auto post = [&](const char* text) {
    return desk.client().Post("/2/tweets", XDesk::bearer(access), json{{"text", text}}.dump(),
                              "application/json");
  };
  desk.sandbox.inject(*named_fault("lost-answer", "POST /2/tweets"));
  CHECK_FALSE(post("done"));
  CHECK(desk.sandbox.posts().size() == 1);
  desk.sandbox.inject(*named_fault("dropped", "POST /2/tweets"));
  CHECK_FALSE(post("not done"));
  CHECK(desk.sandbox.posts().size() == 1);
  InjectedAnswer late{.match = "POST /2/tweets", .carry_out_first = true};
  desk.sandbox.inject(late);
  CHECK(post("done, then 503")->status == 503);
  CHECK(desk.sandbox.posts().size() == 2);
  CHECK(post("done, then 503")->status == 403);
  desk.sandbox.inject(*named_fault("gateway-timeout", "POST /2/tweets"));
  const httplib::Result timed_out = post("done, then 504");
  CHECK(timed_out->status == 504);
  CHECK(timed_out->get_header_value("Content-Type") == "text/html");
  CHECK(desk.sandbox.posts().size() == 3);
  const std::vector<std::string> requests = desk.sandbox.requests();
  CHECK(std::count(requests.begin(), requests.end(), "POST /2/tweets dropped") == 2);
}

TEST_CASE("sandbox of X: an answer may be late, and a stop does not wait for it") {
  const auto start = steady_now();
  std::thread impatient;
  {
    XDesk desk;
    const std::string access = desk.link_account()["access_token"];
    desk.sandbox.inject({.match = "GET /2/users/me", .status = 0, .delay = milliseconds(80)});
    const auto asked = steady_now();
    CHECK(desk.me(access).status == 200);
    CHECK(steady_now() - asked >= milliseconds(80));
    desk.sandbox.inject({.match = "GET /2/users/me", .delay = std::chrono::minutes(5)});
    impatient = std::thread([access, client = desk.client()]() mutable {
      client.set_read_timeout(seconds(60));
      static_cast<void>(client.Get("/2/users/me", XDesk::bearer(access)));
    });
    while (desk.sandbox.requests().back() != "GET /2/users/me 503") std::this_thread::yield();
  }
  impatient.join();
  CHECK(steady_now() - start < seconds(30));
}

TEST_CASE("sandbox of X: a stop hangs up on those who keep their connection") {
  auto desk = std::make_unique<XDesk>();
  httplib::Client idle = desk->client();
  idle.set_keep_alive(true);
  CHECK(idle.Get("/2/users/me")->status == 401);
  const auto start = steady_now();
  desk.reset();
  CHECK(steady_now() - start < seconds(3));
}

TEST_CASE("sandbox of X: hooks see a request before and after it is carried out") {
  XDesk desk;
  const std::string access = desk.link_account()["access_token"];
  std::size_t before = 99;
  std::size_t after = 99;
  desk.sandbox.before_request([&](const std::string& request) {
    if (request == "POST /2/tweets") before = desk.sandbox.posts().size();
  });
  desk.sandbox.after_request([&](const std::string& request) {
    if (request == "POST /2/tweets") after = desk.sandbox.posts().size();
  });
  const auto sent = steady_now();
  CHECK(desk.post(access, {{"text", "seen"}}).status == 201);
  CHECK(before == 0);
  CHECK(after == 1);
  const RequestRecord record = desk.sandbox.request_records().back();
  CHECK(record.method_path == "POST /2/tweets");
  CHECK(record.status == 201);
  CHECK(record.arrived >= sent);
  CHECK(record.arrived <= steady_now());
}

TEST_CASE("sandbox of X: two sandboxes never share a port") {
  const XSandbox first;
  XSandboxOptions options;
  options.port = first.port();
  CHECK_THROWS_AS(XSandbox{options}, std::runtime_error);
}

TEST_CASE("sandbox of X: many clients at once, each post exactly once") {
  XSandboxOptions options;
  options.limits.posts = 1000;
  const XDesk desk(options);
  const std::string access = desk.link_account()["access_token"];
  std::vector<std::thread> people;
  for (int person = 0; person < 8; ++person) {
    people.emplace_back([&, person] {
      httplib::Client client = desk.client();
      for (int i = 0; i < 20; ++i) {
        const std::string text = std::to_string(person) + "/" + std::to_string(i);
        client.Post("/2/tweets", XDesk::bearer(access), json{{"text", text}}.dump(), "application/json");
      }
    });
  }
  CHECK(desk.sandbox.wait_for_posts(160, seconds(30)).size() == 160);
  for (std::thread& person : people) person.join();
  std::set<std::string> ids;
  for (const SandboxPost& post : desk.sandbox.posts()) ids.insert(post.id);
  CHECK(ids.size() == 160);
}

TEST_CASE("sandbox of X: elsewhere there is nothing") {
  const XDesk desk;
  CHECK(desk.client().Get("/2/tweets/search/recent")->status == 404);
  CHECK(desk.client().Post("/1.1/statuses/update.json", "", kFormType)->status == 404);
}
