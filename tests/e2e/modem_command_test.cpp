// `pigeon modem …` as a person uses it: beside a running daemon, and without one.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/box.h"
#include "tests/e2e/run.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using e2e::Box;
using e2e::Ran;
using e2e::run;

namespace {

Ran modem_list(const Box& box, bool json = false) {
  if (json) return run({PIGEON, "--config", box.config(), "--json", "modem", "list"});
  return run({PIGEON, "modem", "list", "--config", box.config()});
}

}  // namespace

TEST_CASE("e2e: modem list tells a port that pigeond holds from one that nobody does") {
  Box box;
  for (const bool running : {false, true, false}) {
    CAPTURE(running);
    if (running) REQUIRE_MESSAGE(box.start(), box.log());
    const Ran text = modem_list(box);
    CHECK_MESSAGE(text.status == 0, text.out);
    CHECK(text.err.empty());
    CHECK(text.out.find("1 usable modem.") != std::string::npos);
    const auto json = nlohmann::json::parse(modem_list(box, true).out);
    REQUIRE(json["ports"].size() == 1);
    CHECK(json["ports"][0]["usable"] == true);
    CHECK(json["ports"][0]["modem"] == "main");
    CHECK(json["daemon"] == (running ? "running" : "not running"));
    CHECK(json["ports"][0].contains("holder") == running);
    if (running) CHECK(json["ports"][0]["holder"]["program"] == "pigeond");
    if (running) CHECK(text.out.find("held by pigeond (process ") != std::string::npos);
    if (running) CHECK(box.stop() == 0);
  }
}

TEST_CASE("e2e: modem list without a configuration still looks and ends with 1") {
  const test::TempFolder folder;
  const Ran none = run({PIGEON, "--config", folder.file("none.toml"), "modem", "list"});
  CHECK(none.status == 1);
  CHECK(none.out.find("No usable modem.") != std::string::npos);
  CHECK(none.out.find("no configuration yet: 'pigeon config check'") != std::string::npos);
  CHECK(none.err.empty());
}

TEST_CASE("e2e: modem info says the same figures beside pigeond and without it") {
  Box box;
  const auto info = [&box](nlohmann::json* json) {
    const Ran text = run({PIGEON, "modem", "info", "--config", box.config()});
    CHECK_MESSAGE(text.status == 0, text.out << text.err);
    CHECK(text.err.empty());
    *json = nlohmann::json::parse(run({PIGEON, "modem", "info", "--config", box.config(), "--json"}).out);
    return text.out;
  };
  nlohmann::json alone, beside;
  const std::string asked = info(&alone);
  CHECK(asked.find("ready, asked now") != std::string::npos);
  REQUIRE_MESSAGE(box.start(), box.log());
  REQUIRE(e2e::eventually([&] { return box.query("SELECT registration FROM modems") == "home"; }));
  const std::string written = info(&beside);
  CHECK_MESSAGE(written.find("looked at ") != std::string::npos, written);
  CHECK(alone["daemon"] == "not running");
  CHECK(beside["daemon"] == "running");
  for (const char* key : {"manufacturer", "model", "firmware", "imei", "operator", "technology",
                          "registration", "signal_dbm", "signal", "smsc", "storages", "port"}) {
    CAPTURE(key);
    REQUIRE(alone["modems"][0].contains(key));
    CHECK_FALSE(alone["modems"][0][key] == "");
    CHECK(alone["modems"][0][key] == beside["modems"][0][key]);
  }
}

TEST_CASE("e2e: modem info without a daemon names what is wrong and ends with 1") {
  Box box;
  box.modem.unplug();
  const Ran gone = run({PIGEON, "modem", "info", "--config", box.config()});
  CHECK(gone.status == 1);
  CHECK_MESSAGE(gone.out.find("not ready") != std::string::npos, gone.out);
  CHECK(gone.out.find("! ") != std::string::npos);
}

TEST_CASE("e2e: modem ussd asks the network beside pigeond and without it") {
  Box box;
  const auto ussd = [&box](std::vector<std::string> words) {
    std::vector<std::string> command = {PIGEON, "modem", "ussd", "--config", box.config()};
    command.insert(command.end(), words.begin(), words.end());
    return run(command);
  };
  for (const bool running : {false, true}) {
    CAPTURE(running);
    if (running) REQUIRE_MESSAGE(box.start(), box.log());
    if (running) REQUIRE(e2e::eventually([&] { return box.query("SELECT ready FROM modems") == "1"; }));
    const Ran plain = ussd({"*100#"});
    CHECK_MESSAGE(plain.status == 0, plain.err);
    CHECK(plain.out == "Balance: 5.00\n");
    CHECK(plain.err.empty());
    sim::ModemHabits habits;
    habits.ussd = {{1, "1 Balance", sim::UssdAnswer::Form::packed},
                   {0, "5 \xE2\x82\xAC", sim::UssdAnswer::Form::ucs2}};
    box.modem.set_habits(habits);
    const Ran session = ussd({"*100#", "1"});
    CHECK_MESSAGE(session.status == 0, session.err);
    CHECK(session.out == "1 Balance\n5 €\n");
    habits.ussd = {{0, "+CME ERROR: 100", sim::UssdAnswer::Form::line}};
    box.modem.set_habits(habits);
    const Ran refused = ussd({"--json", "*100#"});
    CHECK(refused.status == 1);
    CHECK(refused.err.find("+CME ERROR: 100") != std::string::npos);
    const auto json = nlohmann::json::parse(refused.out);
    CHECK(json["ok"] == false);
    CHECK(json["replies"][0]["kind"] == "refused");
    CHECK(ussd({"*100#\x01"}).status == 2);
    CHECK(ussd({"*100#", "--modem", "other"}).status == 2);
  }
  CHECK(box.log().find("*100#") == std::string::npos);
  CHECK(box.stop() == 0);
}
