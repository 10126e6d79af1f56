// `pigeon modem …` as a person uses it: beside a running daemon, and without one.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

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
  CHECK(none.err.find("none.toml") != std::string::npos);
}
