// The outbox for people and machines.
#include "cli/outbox_command.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/paragraph.h"
#include "tests/store/temp_store.h"

using namespace pigeon;

namespace {

constexpr UtcTime kNow = UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 28));

std::string list(store::Store& store, bool json = false) {
  std::ostringstream out;
  cli::list_outbox(store, {"main"}, json, out);
  return out.str();
}

}  // namespace

TEST_CASE("outbox list: empty, it says so") {
  test::TempStore store;
  CHECK(list(*store) == "No reply waits, and none has failed or is unclear lately.\n");
  CHECK(list(*store, true) == "[]\n");
}

TEST_CASE("outbox list: two lines each, none wider than a terminal or able to play with it") {
  test::TempStore store;
  static_cast<void>(store->outbox.add(in_one(*store), {"+12025550123", "hi", "main", std::nullopt}, kNow));
  const auto failed = store->outbox.add(
      in_one(*store), {"+12025550124", std::string(200, 'x'), "a-very-long-name", std::nullopt}, kNow);
  store->outbox.failed(in_one(*store), failed, "no \x1b[31mcredit");
  std::istringstream lines(list(*store));
  std::vector<std::string> shown;
  for (std::string line; std::getline(lines, line);) shown.push_back(line);
  REQUIRE(shown.size() == 5);
  CHECK(shown[0] == "    id  added (UTC)       to                modem         state");
  CHECK(shown[1] == "     1  2026-11-28 00:00  +12025550123      main          waits");
  CHECK(shown[2] == "        \"hi\"");
  CHECK(shown[3] == "     2  2026-11-28 00:00  +12025550124      a-very-long…  failed, modem gone");
  for (const std::string& line : shown) {
    CHECK(columns(line) <= 80);
    CHECK(line.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("outbox list: a machine is told all there is") {
  test::TempStore store;
  static_cast<void>(store->outbox.add(in_one(*store), {"+12025550123", "hi", "other", std::nullopt}, kNow));
  const auto all = nlohmann::json::parse(list(*store, true));
  REQUIRE(all.size() == 1);
  CHECK(all[0].at("id") == 1);
  CHECK(all[0].at("to") == "+12025550123");
  CHECK(all[0].at("state") == "waits");
  CHECK(all[0].at("modem") == "other");
  CHECK(all[0].at("modem_configured") == false);
}
