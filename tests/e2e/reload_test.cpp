// SIGHUP: what can change changes while texts go on, what is wrong changes nothing, and nothing ends.
#include <doctest/doctest.h>
#include <signal.h>

#include <fstream>
#include <string>

#include "tests/e2e/box.h"

using namespace pigeon;
using e2e::Box;
using e2e::eventually;

namespace {

const std::string kAda = "+12025550123";
const std::string kBob = "+12025550124";

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void change(const Box& box, const std::string& from, const std::string& to) {
  std::string text = content(box.config());
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, text);
  std::ofstream(box.config()) << text.replace(at, from.size(), to);
}

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

// Asks for a reload and waits for its end; whether the log has `words` since then.
bool reload(Box& box, const std::string& words) {
  const std::size_t before = box.log().size();
  REQUIRE(::kill(box.pid(), SIGHUP) == 0);
  REQUIRE(box.notified("RELOADING=1\nMONOTONIC_USEC="));
  REQUIRE(box.notified("READY=1"));
  return eventually([&] { return says(box.log().substr(before), words); });
}

}  // namespace

TEST_CASE("e2e: a reload takes a new client secret over, and links go on") {
  Box box({.client_secret = "wrong\n"});
  REQUIRE(box.start());
  CHECK(says(box.follow_link(box.ask(kAda, "hello")), "This box needs its owner"));
  std::ofstream(box.folder() / "client_secret") << "sandbox-secret\n";
  CHECK_MESSAGE(reload(box, "reloaded; changed: the app's secret"), box.log());
  const auto inbox = box.carrier.wait_for(kAda, 2, e2e::kPatience);  // told that it failed
  REQUIRE(inbox.size() == 2);
  box.link(kAda);
  CHECK(box.ask(kAda, "with the new secret") == "Posted: with the new secret");
}

TEST_CASE("e2e: what waits for the operator is tried at once after a reload") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  box.x.inject(*sim::named_fault("client-forbidden", "POST /2/tweets"));
  CHECK(box.ask(kAda, "waits").find("Saved.") == 0);  // the next try is ten minutes away
  REQUIRE(box.query("SELECT gate FROM jobs WHERE kind = 'post'") == "keys");
  CHECK_MESSAGE(reload(box, "reloaded; nothing has changed"), box.log());
  CHECK(eventually([&] { return box.x.posts().size() == 1; }));
}

TEST_CASE("e2e: a reload takes new limits over") {
  Box box({.extra_config = "[limits]\nunlinked_per_hour = 1\n", .default_limits = true});
  REQUIRE(box.start());
  static_cast<void>(box.ask(kAda, "one"));
  REQUIRE(box.carrier.text(kAda, "two").has_value());
  REQUIRE(eventually([&] { return box.query("SELECT count FROM unanswered") == "1"; }));
  change(box, "unlinked_per_hour = 1", "unlinked_per_hour = 50");
  CHECK_MESSAGE(reload(box, "reloaded; changed: limits.unlinked_per_hour"), box.log());
  static_cast<void>(box.ask(kAda, "START"));
}

TEST_CASE("e2e: a reload takes durations and log settings over") {
  Box box({.gateway_config = "oldest = \"3d\"\n"});
  REQUIRE(box.start());
  static_cast<void>(box.ask(kAda, "hello"));
  CHECK_FALSE(says(box.log(), kAda));
  change(box, "oldest = \"3d\"", "oldest = \"1ms\"");
  std::ofstream(box.config(), std::ios::app) << "\n[log]\npersonal_info = true\n";
  CHECK_MESSAGE(reload(box, "reloaded; changed: gateway.oldest, log.personal_info"), box.log());
  REQUIRE(box.carrier.text(kBob, "too old by now").has_value());
  CHECK(eventually([&] { return says(box.log(), kBob + " is older than gateway.oldest"); }));
}

TEST_CASE("e2e: a reload of a configuration with mistakes names them all and changes nothing") {
  Box box;
  REQUIRE(box.start());
  const std::string good = content(box.config());
  change(box, "country = \"US\"", "contry = \"US\"\noldest = \"soon\"");
  CHECK_MESSAGE(reload(box, "not reloaded: the configuration that runs stays in force"), box.log());
  CHECK(says(box.log(), "unknown key 'gateway.contry'; did you mean 'country'?"));
  CHECK(says(box.log(), "gateway.oldest must be a duration"));
  std::ofstream(box.config()) << good;
  CHECK(reload(box, "reloaded; nothing has changed"));
  box.link(kAda);
  CHECK(box.ask(kAda, "still here") == "Posted: still here");
  CHECK(box.stop() == 0);
}

TEST_CASE("e2e: what a reload cannot change is told, and keeps its old value") {
  Box box;
  REQUIRE(box.start());
  change(box, "country = \"US\"", "country = \"DE\"");
  change(box, "name = \"main\"", "name = \"first\"");
  for (int i = 0; i < 2; ++i) {
    CHECK_MESSAGE(reload(box, "needs a restart: gateway.country, modem[0].name (systemctl restart"),
                  box.log());
  }
  CHECK(box.ask(kAda, "hello").find("http") != std::string::npos);
}

TEST_CASE("e2e: SIGHUP never ends pigeond, however often and whenever it comes") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  for (int i = 0; i < 20; ++i) {
    REQUIRE(::kill(box.pid(), SIGHUP) == 0);
    REQUIRE(box.carrier.text(kAda, "text " + std::to_string(i)).has_value());
  }
  CHECK(box.x.wait_for_posts(20, e2e::kPatience).size() == 20);
  CHECK_FALSE(box.ended());
  REQUIRE(::kill(box.pid(), SIGTERM) == 0);
  ::kill(box.pid(), SIGHUP);  // also while it stops
  CHECK(box.wait_for_exit(seconds(5)) == 0);
}
