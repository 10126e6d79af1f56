// `pigeon modem …` as a person uses it: beside a running daemon, and without one.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/box.h"
#include "tests/e2e/pigeon.h"
#include "tests/e2e/run.h"
#include "tests/e2e/small_disk.h"
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

TEST_CASE("e2e: modem info of one modem, where there are several") {
  Box box({.extra_config = "[[modem]]\nname = \"spare\"\nurl = \"serial:/dev/nosuch\"\n"});
  const auto info = [&box](std::vector<std::string> words) {
    words.insert(words.begin(), {"--json", "modem", "info"});
    return e2e::run_pigeon(box, words);
  };
  for (const bool running : {false, true}) {
    CAPTURE(running);
    if (running) REQUIRE_MESSAGE(box.start(), box.log());
    if (running) REQUIRE(e2e::eventually([&] { return box.query("SELECT max(ready) FROM modems") == "1"; }));
    const Ran all = info({}), one = info({"--modem", "main"}), spare = info({"--modem", "spare"});
    CHECK(all.status == 1);
    CHECK(nlohmann::json::parse(all.out)["modems"].size() == 2);
    CHECK(one.status == 0);
    REQUIRE(nlohmann::json::parse(one.out)["modems"].size() == 1);
    CHECK(nlohmann::json::parse(one.out)["modems"][0]["name"] == "main");
    CHECK(spare.status == 1);
    const Ran none = info({"--modem", "mian"});
    CHECK(none.status == 2);
    CHECK(none.err.find("--modem with one of: main, spare") != std::string::npos);
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
    if (running) REQUIRE(e2e::modem_becomes(box, true));
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
    CHECK(ussd({"*100#", "1\x01"}).status == 2);
    const Ran letters = ussd({"balance"});
    CHECK(letters.status == 2);
    CHECK(letters.err ==
          "pigeon: 'balance' is no USSD code\n"
          "  → codes look like *100# and are in quotes for the shell\n");
    CHECK(ussd({"*100#", "--modem", "other"}).status == 2);
  }
  CHECK(box.log().find("*100#") == std::string::npos);
  CHECK(box.stop() == 0);
}

namespace {

const std::vector<std::string> kSecrets = {
    "490154203237518", "262011234567890", "+12025550100", "2025550177", "2025550199", "Meet", "2120550571"};

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("e2e: modem record without pigeond: opening and a look, and nothing private") {
  Box box;
  const test::TempFolder folder;
  REQUIRE(box.carrier.text("+12025550177", "Meet me at the pier").has_value());
  const std::string path = folder.file("stick.txt");
  const Ran ran = run({PIGEON, "modem", "record", path, "--config", box.config()});
  CHECK_MESSAGE(ran.status == 0, ran.err);
  CHECK(ran.out.find(" lines in ") != std::string::npos);
  const std::string recorded = content(path);
  CHECK(recorded.starts_with("# carrier-pigeon transcript 1\n"));
  for (const char* command : {"> ATE0", "> AT+CNMI", "> AT+CSQ", "> AT+CMGL"})
    CHECK_MESSAGE(recorded.find(command) != std::string::npos, command);
  for (const std::string& secret : kSecrets)
    CHECK_MESSAGE(recorded.find(secret) == std::string::npos, secret);
  CHECK(run({PIGEON, "modem", "record", path, "--config", box.config()}).status == 2);
  CHECK(content(path) == recorded);
  box.modem.unplug();
  CHECK(run({PIGEON, "modem", "record", folder.file("gone.txt"), "--config", box.config()}).status == 1);
}

TEST_CASE("e2e: modem record says that its file is not whole") {
  const e2e::SmallDisk disk("4k");
  if (!disk.mounted()) return;
  Box box;
  for (int i = 0; i < 20; ++i)
    REQUIRE(
        box.carrier.text("+12025550177", "text " + std::to_string(i) + std::string(120, '.')).has_value());
  const Ran ran = run({PIGEON, "modem", "record", disk.folder() + "/stick.txt", "--config", box.config()});
  CHECK(ran.status == 1);
  CHECK_MESSAGE(ran.err.find("ends too early") != std::string::npos, ran.err);
  CHECK_MESSAGE(ran.err.find("make room") != std::string::npos, ran.err);
  CHECK(ran.out.find(" lines in ") == std::string::npos);
}

TEST_CASE("e2e: modem record and watch beside pigeond: its traffic while a text comes, and nothing private") {
  Box box;
  const test::TempFolder folder;
  REQUIRE_MESSAGE(box.start(), box.log());
  REQUIRE(e2e::modem_becomes(box, true));
  const std::string path = folder.file("stick.txt");
  e2e::Program recorder({PIGEON, "modem", "record", path, "--seconds", "600", "--config", box.config()});
  e2e::Program watcher({PIGEON, "modem", "watch", "--json", "--config", box.config()});
  REQUIRE(e2e::eventually([&] {
    const std::string log = box.log();
    const std::size_t first = log.find("its traffic is watched");
    return first != std::string::npos && log.find("its traffic is watched", first + 1) != std::string::npos;
  }));
  CHECK(box.ask("+12025550177", "Meet me at the pier").find("http") != std::string::npos);
  for (const char* part : {"+CMTI: ", "> AT+CMGR=", "> AT+CMGS=", "+CMGS: "}) {
    CHECK_MESSAGE(e2e::eventually([&] { return content(path).find(part) != std::string::npos; }), part);
    const char* const line = part[0] == '>' ? part + 2 : part;
    CHECK_MESSAGE(e2e::eventually([&] { return watcher.out().find(line) != std::string::npos; }), part);
  }
  recorder.interrupt();
  watcher.interrupt();
  const Ran recorded = recorder.wait(), watched = watcher.wait();
  CHECK_MESSAGE(recorded.status == 0, recorded.err);
  CHECK_MESSAGE(watched.status == 0, watched.err);
  const std::string file = content(path);
  for (const std::string& secret : kSecrets) {
    CHECK_MESSAGE(file.find(secret) == std::string::npos, secret);
    CHECK_MESSAGE(watched.out.find(secret) == std::string::npos, secret);
  }
  const auto first = nlohmann::json::parse(watched.out.substr(0, watched.out.find('\n')));
  CHECK(first["at"] == 0.0);
  CHECK(first.contains("line"));
  CHECK(run({PIGEON, "modem", "record", path, "--seconds", "x", "--config", box.config()}).status == 2);
  CHECK(box.stop() == 0);
  CHECK(run({PIGEON, "modem", "watch", "--config", box.config()}).status == 1);
}
