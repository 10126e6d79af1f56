// `pigeon modem selftest` with the real programs, beside a running daemon and without one.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/box.h"
#include "tests/e2e/pigeon.h"
#include "tests/e2e/run.h"

using namespace pigeon;
using e2e::Box;
using e2e::Ran;

namespace {

const std::string kAda = "+12025550123";
const std::string kOwn = "+12025550100";

Ran selftest(const Box& box, std::vector<std::string> words = {}) {
  words.insert(words.begin(), {"modem", "selftest"});
  return e2e::run_pigeon(box, words);
}

bool start(Box& box) {
  return box.start() && e2e::modem_becomes(box, true);
}

}  // namespace

TEST_CASE("e2e: modem selftest beside pigeond and without it: there and back, lost, from elsewhere") {
  Box box;
  REQUIRE(box.carrier.text(kAda, "left alone").has_value());  // lies there while no daemon runs
  for (const bool running : {false, true}) {
    CAPTURE(running);
    if (running) REQUIRE_MESSAGE(start(box), box.log());
    if (running) REQUIRE(e2e::eventually([&] { return box.modem.messages_stored() == 0; }));
    box.carrier.configure({});
    const Ran fine = selftest(box);
    CHECK_MESSAGE(fine.status == 0, fine.err);
    CHECK(fine.out.find("sent, reference ") == 0);
    CHECK_MESSAGE(fine.out.find("The text came back after ") != std::string::npos, fine.out);
    CHECK(e2e::eventually([&] { return box.modem.messages_stored() == (running ? 0U : 1U); }));
    const auto json = nlohmann::json::parse(selftest(box, {"--json", "--wait", "20"}).out);
    CHECK(json["ok"] == true);
    CHECK(json["announced"] == true);
    box.carrier.configure({.own_sender = "+12025550111"});
    const Ran other = selftest(box);
    CHECK(other.status == 1);
    CHECK_MESSAGE(other.err.find("number") != std::string::npos, other.err);
    box.carrier.configure({.own_number = ""});
    const Ran lost = selftest(box, {"--wait", "1"});
    CHECK(lost.status == 1);
    CHECK_MESSAGE(lost.err.find("did not come back within 1 s") != std::string::npos, lost.err);
    CHECK(selftest(box, {"--wait", "0"}).status == 2);
    CHECK(selftest(box, {"--wait", "soon"}).status == 2);
    CHECK(selftest(box, {"--modem", "other"}).status == 2);
  }
  // What was lost comes now, to the daemon; then somebody's text.
  REQUIRE(box.carrier.text(kOwn, box.carrier.inbox(kOwn).back().text).has_value());
  CHECK(box.ask("+12025550177", "hello").find("http") != std::string::npos);
  CHECK(box.query("SELECT count(*) FROM inbox WHERE text LIKE '%self-test%'") == "0");
  CHECK(box.query("SELECT count(*) FROM outbox WHERE phone = '" + kOwn + "'") == "0");
  CHECK(box.carrier.wait_for(kAda, 1, e2e::kPatience).size() == 1);  // the text that was left alone
  CHECK(box.x.posts().empty());
  CHECK(box.log().find("Carrier Pigeon self-test") == std::string::npos);
}

TEST_CASE("e2e: modem selftest finds a receiver that is dead although the modem answers AT") {
  sim::SimModemOptions modem;
  modem.sim_slots = 1;
  modem.me_slots = 1;
  Box box({.modem = modem});
  REQUIRE(start(box));
  box.carrier.configure({.own_number = ""});
  const Ran at = e2e::run({PIGEON, "--config", box.config(), "modem", "at", "csq"});
  CHECK(at.status == 0);
  const Ran lost = selftest(box, {"--wait", "1", "--json"});
  CHECK(lost.status == 1);
  CHECK(nlohmann::json::parse(lost.out)["outcome"] == "lost");
  CHECK(nlohmann::json::parse(lost.out)["ok"] == false);
  box.modem.unplug();
  REQUIRE(e2e::modem_becomes(box, false));
  CHECK(selftest(box, {"--wait", "1"}).status == 1);
}

TEST_CASE("e2e: modem selftest while the disk takes nothing blames the disk, not the modem") {
  Box box;
  REQUIRE(start(box));
  REQUIRE(selftest(box).status == 0);
  box.set_full(true);
  const Ran lost = selftest(box, {"--wait", "3", "--json"});
  CHECK(lost.status == 1);
  const auto json = nlohmann::json::parse(lost.out);
  CHECK(json["outcome"] == "lost");
  CHECK_MESSAGE(json["message"].get<std::string>().find("pigeond takes no text now") != std::string::npos,
                lost.out);
  CHECK_MESSAGE(lost.err.find("unplug") == std::string::npos, lost.err);
  box.set_full(false);
  CHECK(e2e::eventually([&] { return selftest(box).status == 0; }));
}
