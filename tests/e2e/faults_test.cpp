// What X and the network do to a post, and what the person hears about it.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/e2e/box.h"

using namespace pigeon;
using e2e::Box;

namespace {

const std::string kAda = "+12025550123";

bool has_sms(const Box& box, const std::string& begin) {
  const auto inbox = box.carrier.inbox(kAda);
  return std::any_of(inbox.begin(), inbox.end(),
                     [&](const sim::PhoneMessage& message) { return message.text.find(begin) == 0; });
}

long count_posts(const Box& box, const std::string& text) {
  const auto posts = box.x.posts();
  return std::count_if(posts.begin(), posts.end(),
                       [&](const sim::SandboxPost& post) { return post.text == text; });
}

sim::InjectedAnswer fault(const char* name, int times = 1) {
  const auto answer = sim::named_fault(name, "POST /2/tweets", times);
  REQUIRE_MESSAGE(answer.has_value(), name);
  return *answer;
}

// The person's limit is used up for the next post, until so many seconds from now. Returns that time, in
// seconds since 1970.
std::int64_t limit_for(Box& box, std::int64_t wait) {
  const std::int64_t reset = std::chrono::duration_cast<seconds>(utc_now().time_since_epoch()).count() + wait;
  box.x.inject(
      {.match = "POST /2/tweets",
       .status = 429,
       .body =
           R"({"title":"Too Many Requests","type":"about:blank","status":429,"detail":"Too Many Requests"})",
       .headers = {{"x-rate-limit-reset", std::to_string(reset)}}});
  return reset;
}

}  // namespace

TEST_CASE("e2e: an answer that is lost after the POST was carried out does not double it") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  SUBCASE("connection closed") {
    box.x.inject({.match = "POST /2/tweets", .carry_out_first = true, .drop_connection = true});
  }
  SUBCASE("503 instead of the answer") {
    box.x.inject({.match = "POST /2/tweets", .carry_out_first = true});
  }
  CHECK(box.ask(kAda, "exactly once") == "Posted: exactly once");
  CHECK(count_posts(box, "exactly once") == 1);
}

TEST_CASE("e2e: after silence X is asked, and a text that is not there is posted") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  box.x.inject({.match = "POST /2/tweets", .times = 1, .drop_connection = true});
  CHECK(box.ask(kAda, "into the void") == "Posted: into the void");
  CHECK(count_posts(box, "into the void") == 1);
  CHECK(box.ask(kAda, "still here") == "Posted: still here");
}

TEST_CASE("e2e: what X cannot take now is saved, told once, and posted later, in order") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  limit_for(box, 7);
  CHECK(box.ask(kAda, "first") == "Saved. It will be posted when X is reachable.");
  REQUIRE(box.carrier.text(kAda, "second").has_value());
  const auto posts = box.x.wait_for_posts(2, e2e::kPatience);
  REQUIRE(posts.size() == 2);
  CHECK(posts[0].text == "first");
  CHECK(posts[1].text == "second");
  REQUIRE(e2e::eventually([&] { return has_sms(box, "Posted: second"); }));
  const auto inbox = box.carrier.inbox(kAda);
  CHECK(std::count_if(inbox.begin(), inbox.end(),
                      [](const auto& sms) { return sms.text.find("Saved.") == 0; }) == 1);
}

TEST_CASE("e2e: waiting survives a restart") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  limit_for(box, 7);
  CHECK(box.ask(kAda, "patient").find("Saved.") == 0);
  CHECK(box.stop() == 0);
  box.x.clear_injected();
  REQUIRE(box.start());
  CHECK(e2e::eventually([&] { return has_sms(box, "Posted: patient"); }));
  CHECK(count_posts(box, "patient") == 1);
}

TEST_CASE("e2e: each refusal of X is told in words that help") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  box.x.suspend(true);
  CHECK(box.ask(kAda, "while suspended").find("Not posted: X has suspended") == 0);
  box.x.suspend(false);
  box.x.inject(
      {.match = "POST /2/tweets",
       .status = 403,
       .body =
           R"({"title":"Forbidden","type":"about:blank","status":403,"detail":"You may not say this."})"});
  CHECK(box.ask(kAda, "not allowed") == "Not posted. X says: You may not say this.");
  CHECK(box.ask(kAda, "   ").find("Nothing to post") == 0);
  CHECK(box.ask(kAda, "\\frobnicate").find("STOP") != std::string::npos);
  CHECK(box.ask(kAda, "\\\\o/") == "Posted: \\o/");
  CHECK(box.ask(kAda, "Stop the war") == "Posted: Stop the war");
}

TEST_CASE("e2e: an empty purse, a wrong client secret or a broken app unlink nobody") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  SUBCASE("402") {
    box.x.inject(fault("credits-depleted"));
  }
  SUBCASE("client forbidden") {
    box.x.inject(fault("client-forbidden"));
  }
  SUBCASE("client secret refused at refresh") {
    box.x.advance(std::chrono::hours(3));
    box.x.inject(
        {.match = "POST /2/oauth2/token",
         .status = 401,
         .body =
             R"({"error":"unauthorized_client","error_description":"Missing valid authorization header"})"});
  }
  CHECK(box.ask(kAda, "for the operator to mend").find("Saved.") == 0);
  CHECK(box.query("SELECT state FROM accounts") == "linked");
  CHECK(box.query("SELECT state FROM posts ORDER BY id DESC LIMIT 1") == "planned");
}

TEST_CASE("e2e: the rate limit's own time is respected") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  const std::int64_t reset = limit_for(box, 7);
  CHECK(box.ask(kAda, "limited").find("Saved.") == 0);
  REQUIRE(e2e::eventually([&] { return has_sms(box, "Posted: limited"); }));
  CHECK(std::chrono::duration_cast<seconds>(utc_now().time_since_epoch()).count() >= reset);
}

TEST_CASE("e2e: twelve people for whom X does not answer hold nobody else") {
  constexpr int kHanging = 12;
  constexpr seconds kSoon{5};  // the bench has the exact figures
  Box box;
  REQUIRE(box.start());
  std::vector<std::string> people;
  for (int i = 0; i < kHanging + 2; ++i) {
    people.push_back("+120255501" + std::to_string(30 + i));
    box.link(people.back());
  }
  box.x.inject({.match = "POST /2/tweets", .times = kHanging, .delay = std::chrono::hours(1)});
  for (int i = 0; i < kHanging; ++i) {
    REQUIRE(box.carrier.text(people[static_cast<std::size_t>(i)], "never answered").has_value());
    REQUIRE(box.carrier.text(people[static_cast<std::size_t>(i)], "behind it").has_value());
  }
  REQUIRE(e2e::eventually([&] {
    return box.query("SELECT count(*) FROM posts WHERE state = 'sending'") == std::to_string(kHanging);
  }));
  const SteadyTime before = steady_now();
  for (std::size_t i = kHanging; i < people.size(); ++i) {
    const std::string text = "from " + people[i];  // X takes them all for one person, and the same words once
    CHECK(box.ask(people[i], text) == "Posted: " + text);
    CHECK(box.ask(people[i], text + " again") == "Posted: " + text + " again");
  }
  CHECK(box.ask(people[0], "HELP").find("STOP") != std::string::npos);
  CHECK(box.ask("+12025550199", "a newcomer").find("/auth/") != std::string::npos);
  CHECK(steady_now() - before < kSoon);
  CHECK(box.query("SELECT count(*) FROM posts WHERE state = 'sending'") == std::to_string(kHanging));
}

TEST_CASE("e2e: people do not wait for each other") {
  Box box;
  REQUIRE(box.start());
  const std::string bob = "+12025550124";
  box.link(kAda);
  box.link(bob);
  box.x.inject({.match = "POST /2/tweets", .status = 0, .delay = seconds(3)});
  REQUIRE(box.carrier.text(kAda, "slow").has_value());
  REQUIRE(e2e::eventually(
      [&] { return box.query("SELECT count(*) FROM posts WHERE state = 'sending'") == "1"; }));
  CHECK(box.ask(bob, "quick") == "Posted: quick");
  CHECK_FALSE(has_sms(box, "Posted: slow"));
  CHECK(e2e::eventually([&] { return has_sms(box, "Posted: slow"); }));
}
