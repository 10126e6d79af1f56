// Kill -9 before the visible system calls of what the simple path does not have: a revocation, a gate that
// opens, a clock that is set, doubt. After a restart each text is out once and answered, what was to end at X
// has ended, and nobody was told what is not so.
//
// Every so many calls, so that it takes a minute; PIGEON_KILL_EVERY=1 is every call, and PIGEON_KILL_FROM=N
// begins with the N-th.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "tests/e2e/clock_box.h"

using namespace pigeon;
using e2e::Box;
using e2e::eventually;

namespace {

const std::string kAda = "+12025550123";
const std::string kBob = "+12025550124";
const std::string kDan = "+12025550126";

int given(const char* variable, int usual) {
  const char* wanted = std::getenv(variable);
  return wanted != nullptr ? std::max(1, std::atoi(wanted)) : usual;
}

long count_posts(const Box& box, const std::string& text) {
  const auto posts = box.x.posts();
  return std::count_if(posts.begin(), posts.end(), [&](const auto& post) { return post.text == text; });
}

long count_heard(const Box& box, const std::string& phone, const std::string& beginning) {
  const auto inbox = box.carrier.inbox(phone);
  return std::count_if(inbox.begin(), inbox.end(),
                       [&](const auto& message) { return message.text.find(beginning) == 0; });
}

// One thing that a box does, killed in the middle of it.
struct Work {
  std::function<void(const std::string& name)> begin;  // up to where steps count; `name` is another each time
  std::function<void()> go_on;
  std::function<bool()> done;  // it came to its end, and was not killed
  std::function<void()> check;
};

// Kills the box before the first step of the work, then, after a restart, before a later one of the next, and
// so on until one is not met any more.
class Killing {
 public:
  explicit Killing(Box& box) : box_(box), file_(box.folder() / "kill-at") {}

  // For pigeond's environment; STEP_KILLER is to be preloaded.
  [[nodiscard]] std::string variable() const { return "PIGEON_KILL_FILE=" + file_.string(); }

  // How many kills there were.
  int play(const Work& work, int stride) {
    int kills = 0;
    const int every = given("PIGEON_KILL_EVERY", stride);
    for (int at = given("PIGEON_KILL_FROM", 1);; at += every) {
      CAPTURE(at);
      work.begin("killed at " + std::to_string(at));
      count_from_now(at);
      work.go_on();
      REQUIRE_MESSAGE(eventually([&] { return box_.ended() || work.done(); }), box_.log());
      const bool met = box_.ended();
      kills += met ? 1 : 0;
      box_.kill9();
      std::filesystem::remove(file_);
      box_.x.clear_injected();
      REQUIRE(box_.start());
      work.check();
      CHECK(eventually([&] {  // nothing of this one is left for the next
        return box_.query("SELECT count(*) FROM outbox WHERE state IN ('queued','sending')") == "0";
      }));
      if (met) continue;
      CHECK((kills >= 3 || std::getenv("PIGEON_KILL_FROM") != nullptr));
      return kills;
    }
  }

 private:
  void count_from_now(int at) {
    const std::string draft = file_.string() + ".new";
    std::ofstream(draft) << at;
    std::filesystem::rename(draft, file_);
  }

  Box& box_;
  std::filesystem::path file_;
};

e2e::BoxOptions without_limits() {
  e2e::BoxOptions options;
  options.x.limits = {.posts = 10'000, .deletes = 10'000, .me = 10'000, .timeline = 10'000};
  return options;
}

// A box with the killer in it, and these people linked.
struct Deadly {
  explicit Deadly(const std::vector<std::string>& people) {
    box.set_preload(STEP_KILLER);
    box.set_environment({killing.variable()});
    REQUIRE(box.start());
    for (const std::string& phone : people) box.link(phone);
  }
  Box box{without_limits()};
  Killing killing{box};
};

// What waits for its time is due now; a text of somebody who has nothing to do with it wakes the workers.
void hurry(Box& box) {
  static int times = 0;
  static_cast<void>(box.query("UPDATE jobs SET due_at = 1 WHERE kind = 'post'"));
  static_cast<void>(box.ask(kDan, "hurry " + std::to_string(++times)));
}

// Out once, said once at most, and nothing is left to do.
void check_posted(const Box& box, const std::string& phone, const std::string& text) {
  CAPTURE(text);
  CHECK_MESSAGE(eventually([&] { return box.has_answered(phone, "Posted: " + text); }), box.log());
  CHECK_MESSAGE(count_posts(box, text) == 1, box.log());
  CHECK(count_heard(box, phone, "Posted: " + text) <= 1);
  CHECK(count_heard(box, phone, "X did not say") == 0);
}

}  // namespace

TEST_CASE(
    "e2e: killed while a grant is ended at X, the account is gone, the grant too, and the person knows") {
  Deadly deadly({});
  Box& box = deadly.box;
  long heard = 0;
  const auto alive = [&] {
    const auto grants = box.x.grants();
    return std::count_if(grants.begin(), grants.end(), [](const auto& grant) { return grant.alive; });
  };
  const auto over = [&] {
    const bool may_have_heard = box.query("SELECT state FROM outbox ORDER BY id DESC LIMIT 1") == "unclear";
    return alive() == 0 && (count_heard(box, kAda, "Unlinked") > heard || may_have_heard) &&
           box.query("SELECT count(*) FROM jobs WHERE kind = 'revocation'") == "0";
  };
  const Work work{
      .begin =
          [&](const std::string&) {
            heard = count_heard(box, kAda, "Unlinked");
            box.link(kAda);
          },
      .go_on = [&] { REQUIRE(box.carrier.text(kAda, "STOP").has_value()); },
      .done = over,
      .check =
          [&] {
            CHECK_MESSAGE(eventually(over), box.log());
            CHECK(count_heard(box, kAda, "Unlinked") <= heard + 1);
            CHECK(box.query("SELECT count(*) FROM accounts") == "0");
            CHECK(box.query("SELECT count(*) FROM revocations") == "0");
          },
  };
  const int kills = deadly.killing.play(work, 8);
  MESSAGE("killed at ", kills, " steps");
}

TEST_CASE("e2e: killed while a gate lets go what is parked there, every text is posted once") {
  Deadly deadly({kAda, kBob});
  Box& box = deadly.box;
  std::string text;
  const Work work{
      .begin =
          [&](const std::string& name) {
            text = name;
            box.x.inject({.match = "POST /2/tweets", .times = 2, .status = 403, .body = "<html>no</html>"});
            REQUIRE(box.carrier.text(kAda, "Ada " + text).has_value());
            REQUIRE(box.carrier.text(kBob, "Bob " + text).has_value());
            REQUIRE_MESSAGE(
                eventually([&] { return box.query("SELECT count(*) FROM jobs WHERE gate = 'api'") != "0"; }),
                box.log());
          },
      .go_on = [] {},
      .done =
          [&] {
            return count_heard(box, kAda, "Posted: Ada " + text) > 0 &&
                   count_heard(box, kBob, "Posted: Bob " + text) > 0;
          },
      .check =
          [&] {
            check_posted(box, kAda, "Ada " + text);
            check_posted(box, kBob, "Bob " + text);
          },
  };
  const int kills = deadly.killing.play(work, 40);
  MESSAGE("killed at ", kills, " steps");
}

TEST_CASE("e2e: killed while X has to be asked what is out, every text is posted once") {
  Deadly deadly({kAda, kDan});
  Box& box = deadly.box;
  std::string text;
  const char* fault = nullptr;
  const auto told = [&] { return count_heard(box, kAda, "Posted: " + text) > 0; };
  const Work work{
      .begin =
          [&](const std::string& name) {
            text = std::string(fault) + ", " + name;
            box.x.inject(*sim::named_fault(fault, "POST /2/tweets"));
          },
      .go_on = [&] { REQUIRE(box.carrier.text(kAda, text).has_value()); },
      .done = told,
      .check =
          [&] {
            // After silence X is asked twice, 10 s apart.
            for (int times = 0; times < 4 && !eventually(told, milliseconds(700)); ++times) hurry(box);
            check_posted(box, kAda, text);
          },
  };
  int kills = 0;
  for (const char* one :
       {"gateway-timeout", "lost-answer", "unavailable"}) {  // two are carried out, one is not
    fault = one;
    kills += deadly.killing.play(work, 35);
  }
  MESSAGE("killed at ", kills, " steps");
}

TEST_CASE("e2e: killed while the clock is set, what is due moves once") {
  constexpr std::chrono::hours kStep{24 * 40};
  e2e::ClockBox clock({.name = "40 days forward", .before = -kStep, .after = seconds(0)});
  Box& box = clock.box;
  Killing killing(box);
  box.set_preload(std::string(STEP_KILLER) + ":" + CLOCK_EVENTS);
  box.set_environment(
      {killing.variable(), "PIGEON_CLOCK_EVENTS=" + (box.folder() / "clock-events").string()});
  REQUIRE(clock.start());
  box.link(kAda);
  std::string text;
  // How far the kept time and the link's end are from the real time.
  const auto minutes_off = [&](const std::string& what, const std::string& table) {
    return std::stol("0" + box.query("SELECT abs(" + what + " / 60000 - unixepoch() / 60) FROM " + table));
  };
  const Work work{
      .begin =
          [&](const std::string& name) {
            text = name;
            clock.rewind();
            REQUIRE(eventually([&] { return minutes_off("utc", "clock") > 60; }));
            static_cast<void>(box.ask(kBob, "START"));
            clock.wait_until_sent();
            box.x.inject({.match = "POST /2/tweets",
                          .status = 429,
                          .body = "{}",
                          .headers = {{"x-rate-limit-reset", "{now+2}"}}});
            REQUIRE(box.carrier.text(kAda, text).has_value());
            REQUIRE(eventually([&] {
              return box.query("SELECT count(*) FROM jobs WHERE kind = 'post' AND attempts = 1") == "1";
            }));
          },
      .go_on = [&] { clock.change_now(); },
      .done = [&] { return minutes_off("utc", "clock") < 60; },
      .check =
          [&] {
            CHECK(minutes_off("utc", "clock") < 60);
            CHECK(minutes_off("max(expires_at)", "pairings") <= 15);
            check_posted(box, kAda, text);
          },
  };
  const int kills = killing.play(work, 5);
  MESSAGE("killed at ", kills, " steps");
}
