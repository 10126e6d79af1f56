// Starting, stopping, unplugging, and the command line beside it all.
#include <doctest/doctest.h>
#include <httplib.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/e2e/box.h"
#include "tests/e2e/pigeon.h"
#include "tests/e2e/run.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using e2e::Box;
using e2e::run;

namespace {
const std::string kAda = "+12025550123";
const std::string kBob = "+12025550124";
}  // namespace

TEST_CASE("e2e: SIGTERM in the middle of a slow POST stops within 5 s, and the text is posted once") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  box.x.inject({.match = "POST /2/tweets", .status = 0, .carry_out_first = true, .delay = seconds(12)});
  REQUIRE(box.carrier.text(kAda, "stopped in the middle").has_value());
  REQUIRE(box.x.wait_for_posts(1, e2e::kPatience).size() == 1);
  const SteadyTime before = steady_now();
  CHECK(box.stop(seconds(8)) == 0);
  CHECK(steady_now() - before < seconds(5));
  const std::size_t told = box.carrier.inbox(kAda).size();
  REQUIRE(box.start());
  const auto inbox = box.carrier.wait_for(kAda, told + 1, e2e::kPatience);
  REQUIRE(inbox.size() == told + 1);
  CHECK(inbox.back().text == "Posted: stopped in the middle");
  CHECK(box.x.posts().size() == 1);
}

TEST_CASE("e2e: idle, SIGTERM stops at once") {
  Box box;
  REQUIRE(box.start());
  const SteadyTime before = steady_now();
  CHECK(box.stop() == 0);
  CHECK(steady_now() - before < seconds(3));
}

TEST_CASE("e2e: while all is well the service manager's watchdog is fed") {
  Box box({.environment = {"WATCHDOG_USEC=200000"}});
  REQUIRE(box.start());
  for (int i = 0; i < 3; ++i) CHECK(box.notified("WATCHDOG=1"));
  CHECK(box.stop() == 0);
}

TEST_CASE("e2e: twenty abandoned pairings that X does not let go hold nobody up, nor starve the watchdog") {
  constexpr int kAbandoned = 20;  // more than there are workers
  Box box({.environment = {"WATCHDOG_USEC=200000"}});
  REQUIRE(box.start());
  box.link(kAda);
  for (int i = 0; i < kAbandoned; ++i)
    static_cast<void>(box.follow_link(box.ask("+120255501" + std::to_string(30 + i), "hello")));
  std::atomic<int> asked = 0;
  box.x.before_request(
      [&](const std::string& request) { asked += request == "POST /2/oauth2/revoke" ? 1 : 0; });
  box.x.inject({.match = "POST /2/oauth2/revoke", .times = 1000, .delay = std::chrono::hours(1)});
  // Their quarter of an hour is over; whoever texts next wakes those who look.
  static_cast<void>(box.query("UPDATE pairings SET expires_at = 1 WHERE state = 'authorised'"));
  static_cast<void>(box.query("UPDATE jobs SET due_at = 1 WHERE kind = 'expiry'"));
  CHECK(box.ask(kAda, "HELP").find("STOP") != std::string::npos);
  REQUIRE(e2e::eventually(
      [&] { return box.query("SELECT count(*) FROM revocations") == std::to_string(kAbandoned); }));
  REQUIRE(e2e::eventually([&] { return asked > 0; }));
  const SteadyTime before = steady_now();
  REQUIRE(box.carrier.text(kAda, "meanwhile").has_value());
  REQUIRE(box.x.wait_for_posts(1, e2e::kPatience).size() == 1);
  CHECK(steady_now() - before < seconds(1));
  for (int i = 0; i < 5; ++i) CHECK(box.notified("WATCHDOG=1"));
  CHECK(box.log().find("a thread is stuck") == std::string::npos);
  CHECK(box.query("SELECT count(*) FROM revocations") == std::to_string(kAbandoned));
}

TEST_CASE("e2e: neither the default log nor a verbose one shows a text, a number, a code or a token") {
  for (const bool verbose : {false, true}) {
    CAPTURE(verbose);
    Box box({.verbose = verbose});
    REQUIRE(box.start());
    const std::string invitation = box.ask(kAda, "hello");
    const std::string code = e2e::code_on_page(box.follow_link(invitation));
    CHECK(box.ask(kAda, code).find("Linked to @") == 0);
    REQUIRE(box.ask(kAda, "a secret of Ada's").find("Posted: ") == 0);
    box.x.inject({.match = "POST /2/tweets", .status = 403, .body = "{\"detail\":\"not this one\"}"});
    REQUIRE(box.ask(kAda, "another secret").find("Not posted") == 0);
    box.modem.deliver({0x07, 0x91, 0xFF, 0x00}, true);
    CHECK(e2e::eventually([&] { return box.log().find("quarantine") != std::string::npos; }));
    CHECK(box.stop() == 0);
    const std::string log = box.log();
    CHECK(log.find("sent reply") != std::string::npos);  // the steps are there
    for (const std::string& private_words :
         {std::string("secret"), std::string("hello"), kAda, "\"" + code,
          "/auth/" + invitation.substr(invitation.find("/auth/") + 6, 6), std::string("Bearer ")}) {
      CAPTURE(private_words);
      CHECK_MESSAGE(log.find(private_words) == std::string::npos, log);
    }
  }
}

TEST_CASE("e2e: a modem that is pulled out and comes back is used again") {
  const test::TempFolder folder;
  sim::SimModemOptions modem;
  modem.link = folder.file("modem");
  Box box({.modem = modem});
  box.set_modem_url("pty:" + modem.link);
  REQUIRE(box.start());
  box.link(kAda);
  box.modem.unplug();
  CHECK(e2e::modem_becomes(box, false));
  REQUIRE(box.carrier.text(kAda, "while it was away").has_value());
  box.modem.plug_in();
  const auto posts = box.x.wait_for_posts(1, e2e::kPatience);
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].text == "while it was away");
}

TEST_CASE("e2e: a SIM that filled up during an outage is emptied in order") {
  sim::SimModemOptions modem;
  modem.sim_slots = 5;
  Box box({.modem = modem});
  REQUIRE(box.start());
  box.link(kAda);
  CHECK(box.stop() == 0);
  for (int i = 1; i <= 12; ++i) REQUIRE(box.carrier.text(kAda, "text " + std::to_string(i)).has_value());
  CHECK(box.modem.messages_stored() == 5);
  CHECK(box.modem.messages_waiting() == 7);
  REQUIRE(box.start());
  const auto posts = box.x.wait_for_posts(12, e2e::kPatience);
  REQUIRE(posts.size() == 12);
  for (std::size_t i = 0; i < posts.size(); ++i) CHECK(posts[i].text == "text " + std::to_string(i + 1));
}

TEST_CASE("e2e: status reports close the outbox") {
  Box box;
  REQUIRE(box.start());
  static_cast<void>(box.ask(kAda, "hello"));
  CHECK(e2e::eventually([&] { return box.query("SELECT state FROM outbox") == "delivered"; }));
}

TEST_CASE("e2e: pigeon shows the box, for people and for machines") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  REQUIRE(box.ask(kAda, "for the record") == "Posted: for the record");
  REQUIRE(e2e::eventually([&] { return box.query("SELECT registration FROM modems") == "home"; }));
  REQUIRE(e2e::eventually(
      [&] { return box.query("SELECT count(*) FROM outbox WHERE state IN ('queued','sending')") == "0"; }));
  const e2e::Ran text = run({PIGEON, "--config", box.config()});
  CHECK_MESSAGE(text.status == 0, text.out);
  for (const char* expected : {"running", "modem main", "ready", "1 linked", "1 posted", "All is well."}) {
    CHECK_MESSAGE(text.out.find(expected) != std::string::npos, expected);
  }
  CHECK(text.out.find('\x1b') == std::string::npos);  // no colour into a file
  const e2e::Ran json = run({PIGEON, "--config", box.config(), "--json", "status"});
  CHECK(json.status == 0);
  const auto parsed = nlohmann::json::parse(json.out);
  CHECK(parsed["daemon"] == "running");
  CHECK(parsed["inbox"]["posted"] == 1);
  CHECK(parsed["problems"].empty());

  CHECK(box.stop() == 0);
  const e2e::Ran stopped = run({PIGEON, "--config", box.config(), "status"});
  CHECK(stopped.status == 1);
  CHECK(stopped.out.find("pigeond is not running") != std::string::npos);
  CHECK(run({PIGEON, "--config", "/nonexistent"}).status == 2);
  CHECK(run({PIGEON, "frobnicate"}).status == 2);
}

TEST_CASE("e2e: what is wrong at X is told by pigeon, with its cure, until it is over") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  box.link(kBob);
  // Two people fail alike, and so do the first two probes.
  box.x.inject({.match = "POST /2/tweets", .times = 4, .status = 403, .body = "<html>no</html>"});
  REQUIRE(box.carrier.text(kAda, "from ada").has_value());
  REQUIRE(box.carrier.text(kBob, "from bob").has_value());
  const auto status = [&box] { return run({PIGEON, "--config", box.config(), "status"}); };
  REQUIRE(e2e::eventually([&] { return status().status == 1; }));
  const e2e::Ran wrong = status();
  CHECK_MESSAGE(wrong.out.find("! X does not answer as it should") != std::string::npos, wrong.out);
  CHECK(wrong.out.find("\n  → ") != std::string::npos);
  CHECK(wrong.out.find("All is well.") == std::string::npos);
  const auto health = httplib::Client(box.url()).Get("/healthz");
  REQUIRE(health);
  CHECK(health->status == 200);  // the box itself is well
  CHECK(e2e::problems_of(box) == nlohmann::json{"x_api"});

  CHECK(e2e::eventually([&] { return box.x.posts().size() == 2; }));
  CHECK(e2e::eventually([&] { return status().status == 0; }));

  // What an earlier run saw is no news: it is seen anew.
  REQUIRE(box.stop().has_value());
  static_cast<void>(box.query("INSERT INTO conditions VALUES ('x_keys', '', 1, 1, '')"));
  REQUIRE(box.start());
  CHECK(e2e::eventually([&] { return status().status == 0; }));
}

TEST_CASE("e2e: the service manager's line says what is wrong with the modem, and when it is over") {
  const test::TempFolder folder;
  sim::SimModemOptions modem;
  modem.link = folder.file("modem");
  Box box({.modem = modem});
  box.set_modem_url("pty:" + modem.link);
  REQUIRE(box.start());
  REQUIRE(e2e::modem_becomes(box, true));
  box.modem.unplug();
  CHECK(box.notified("; wrong: modem main: "));
  const auto health = httplib::Client(box.url()).Get("/healthz");
  REQUIRE(health);
  CHECK(health->status == 503);
  box.modem.plug_in();
  CHECK(e2e::eventually([&] { return box.query("SELECT count(*) FROM conditions") == "0"; }));
}

TEST_CASE("e2e: pigeon pdu decodes and encodes, a line each") {
  const e2e::Ran decoded =
      run({PIGEON, "pdu", "decode"},
          "07919730071111F1000B919746121611F10000811170021222230DC8329BFD6681EE6F399B1C02\nzz\n");
  CHECK(decoded.status == 1);
  const auto first = nlohmann::json::parse(decoded.out.substr(0, decoded.out.find('\n')));
  CHECK(first["type"] == "deliver");
  CHECK(first["smsc"] == "+79037011111");
  CHECK(first["from"] == "+79642161111");
  CHECK(first["text"] == "Hello, world!");
  CHECK(first["timestamp"] == "2018-11-07T20:21:22+08:00");
  const auto second = nlohmann::json::parse(decoded.out.substr(decoded.out.find('\n') + 1));
  CHECK(second.contains("error"));
  const e2e::Ran encoded = run({PIGEON, "pdu", "encode"}, first.dump() + "\n");
  CHECK(encoded.status == 0);
  // TP-MMS is not part of the JSON: "no more messages" is set.
  CHECK(encoded.out == "07919730071111F1040B919746121611F10000811170021222230DC8329BFD6681EE6F399B1C02\n");
}
