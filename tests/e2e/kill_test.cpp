// Kill -9 at every step: after a restart each text is posted exactly once and answered.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "tests/e2e/box.h"

using namespace pigeon;
using e2e::Box;
using sim::Intervention;

namespace {

const std::string kAda = "+12025550123";

// Kills pigeond once, from whichever thread of the simulators meets the step.
class Killer {
 public:
  explicit Killer(pid_t pid) : pid_(pid) {}
  bool strike() {
    if (struck_.exchange(true)) return false;
    ::kill(pid_, SIGKILL);
    return true;
  }
  [[nodiscard]] bool struck() const { return struck_; }

 private:
  pid_t pid_;
  std::atomic<bool> struck_{false};
};

enum class Where { before_command, after_command, before_request, after_request };

struct Step {
  const char* name;
  Where where;
  std::string what;  // how the command line or request begins
};

void arm(Box& box, const Step& step, Killer& killer) {
  const auto command_hook = [&killer, what = step.what](std::string_view line) {
    if (line.starts_with(what) && killer.strike()) return Intervention{Intervention::Kind::silence, {}};
    return Intervention{};
  };
  const auto request_hook = [&killer, what = step.what](const std::string& request) {
    if (request.starts_with(what)) killer.strike();
  };
  switch (step.where) {
    case Where::before_command:
      box.modem.before_command(command_hook);
      break;
    case Where::after_command:
      box.modem.after_command(command_hook);
      break;
    case Where::before_request:
      box.x.inject({.match = step.what, .drop_connection = true});  // it never gets there
      box.x.before_request(request_hook);
      break;
    case Where::after_request:
      box.x.after_request(request_hook);
      break;
  }
}

void disarm(Box& box) {
  box.modem.before_command({});
  box.modem.after_command({});
  box.x.before_request({});
  box.x.after_request({});
  box.x.clear_injected();
}

long count_posts(const Box& box, const std::string& text) {
  const auto posts = box.x.posts();
  return std::count_if(posts.begin(), posts.end(),
                       [&](const sim::SandboxPost& post) { return post.text == text; });
}

long count_replies(const Box& box, const std::string& text) {
  const auto inbox = box.carrier.inbox(kAda);
  return std::count_if(inbox.begin(), inbox.end(),
                       [&](const sim::PhoneMessage& message) { return message.text == "Posted: " + text; });
}

}  // namespace

TEST_CASE("e2e: killed at each named step, every text is posted once and answered") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  const Step steps[] = {
      {"before the commit of a part", Where::before_command, "AT+CMGR"},
      {"after the commit, before AT+CMGD", Where::before_command, "AT+CMGD"},
      {"after AT+CMGD", Where::after_command, "AT+CMGD"},
      {"before the POST", Where::before_request, "POST /2/tweets"},
      {"after the POST, before its answer", Where::after_request, "POST /2/tweets"},
      {"before the reply's AT+CMGS", Where::before_command, "AT+CMGS"},
      {"before the reply's PDU", Where::before_command, "PDU "},
      {"after the reply's AT+CMGS", Where::after_command, "PDU "},
  };
  for (const Step& step : steps) {
    CAPTURE(step.name);
    const std::string text = std::string("killed ") + step.name;
    Killer killer(box.pid());
    arm(box, step, killer);
    REQUIRE(box.carrier.text(kAda, text).has_value());
    REQUIRE(e2e::eventually([&] { return killer.struck(); }));
    box.kill9();  // waits until it is really gone
    disarm(box);
    REQUIRE(box.start());
    CHECK(e2e::eventually([&] { return box.has_answered(kAda, "Posted: " + text); }));
    CHECK(count_posts(box, text) == 1);
    CHECK(count_replies(box, text) <= 1);
    CHECK(e2e::eventually([&] { return box.modem.messages_stored() == 0; }));
  }
  REQUIRE(box.carrier.text(kAda, "and life goes on").has_value());
  CHECK(e2e::eventually([&] { return count_replies(box, "and life goes on") == 1; }));
}

TEST_CASE("e2e: killed between the parts of a long text, it is joined after the restart") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  const std::string text = std::string(120, 'a') + " " + std::string(120, 'b');
  const auto parts = box.carrier.make_parts(kAda, text);
  REQUIRE(parts.has_value());
  REQUIRE(parts->size() == 2);
  box.modem.deliver((*parts)[1], false);
  REQUIRE(e2e::eventually(
      [&] { return box.query("SELECT count(*) FROM parts WHERE state = 'waiting'") == "1"; }));
  box.kill9();
  REQUIRE(box.start());
  box.modem.deliver((*parts)[0], false);
  const auto posts = box.x.wait_for_posts(1, e2e::kPatience);
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].text == text);
}

TEST_CASE(
    "e2e: killed while tokens are refreshed, the text is still posted once or the person can link again") {
  for (const Where where : {Where::before_request, Where::after_request}) {
    Box box;
    REQUIRE(box.start());
    box.link(kAda);
    box.x.advance(std::chrono::hours(3));
    box.x.expire_access_tokens();
    const Step step{"refresh", where, "POST /2/oauth2/token"};
    Killer killer(box.pid());
    arm(box, step, killer);
    const std::size_t before = box.carrier.inbox(kAda).size();
    REQUIRE(box.carrier.text(kAda, "needs a fresh token").has_value());
    REQUIRE(e2e::eventually([&] { return killer.struck(); }));
    box.kill9();
    disarm(box);
    REQUIRE(box.start());
    const auto inbox = box.carrier.wait_for(kAda, before + 1, e2e::kPatience);
    REQUIRE(inbox.size() > before);
    if (where == Where::before_request) {
      CHECK(inbox[before].text == "Posted: needs a fresh token");
    } else {
      // X has spent the old refresh token and its answer is lost: only linking again helps, and we say so.
      CHECK(inbox[before].text.find("Not posted") == 0);
      CHECK(inbox[before].text.find("/auth/") != std::string::npos);
    }
  }
}

TEST_CASE("e2e: killed before each of its visible system calls, nothing is lost or doubled") {
  e2e::BoxOptions options;
  options.environment = {"ASAN_OPTIONS=verify_asan_link_order=0"};
  options.x.limits.posts = 10'000;
  Box box(std::move(options));
  REQUIRE(box.start());
  box.link(kAda);
  REQUIRE(box.stop().has_value());
  int kills = 0;
  for (int at = 1;; at += KILL_STRIDE) {
    const std::string text = "cut off at step " + std::to_string(at);
    CAPTURE(text);
    box.set_environment({"ASAN_OPTIONS=verify_asan_link_order=0", std::string("LD_PRELOAD=") + STEP_KILLER,
                         "PIGEON_KILL_AT=" + std::to_string(at)});
    REQUIRE(box.carrier.text(kAda, text).has_value());
    static_cast<void>(box.start());
    const bool survived =
        !e2e::eventually([&] { return box.ended() || count_replies(box, text) > 0; }) || !box.ended();
    if (!survived) ++kills;
    box.kill9();
    box.set_environment({"ASAN_OPTIONS=verify_asan_link_order=0"});
    REQUIRE(box.start());
    REQUIRE_MESSAGE(e2e::eventually([&] { return box.has_answered(kAda, "Posted: " + text); }), box.log());
    CHECK(count_posts(box, text) == 1);
    CHECK(count_replies(box, text) <= 1);
    box.kill9();
    if (survived) break;
  }
  CHECK(kills >= 20 / KILL_STRIDE);
  MESSAGE("killed at ", kills, " steps");
}
