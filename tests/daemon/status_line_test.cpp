// What `systemctl status` shows: the box, and what is wrong with it, told when it has changed.
#include "daemon/status_line.h"

#include <doctest/doctest.h>

using namespace pigeon;
using store::Condition;
using store::ConditionCode;

TEST_CASE("status line: what is wrong stands behind what the box is, the worst first") {
  CHECK(daemon::status_line("a box", {}) == "a box");
  CHECK(
      daemon::status_line("a box", {{.code = ConditionCode::no_network, .subject = "main", .detail = ""}}) ==
      "a box; wrong: modem main: the modem finds no network");
  const std::string two = daemon::status_line(
      "a box", {{.code = ConditionCode::modem_not_ready, .subject = "main", .detail = "no\nanswer"},
                {.code = ConditionCode::texts_kept, .subject = "", .count = 7, .detail = ""}});
  CHECK(two.find("a box; wrong: modem main: no") == 0);
  CHECK(two.find('\n') == std::string::npos);
  CHECK(two.find("(and 1 more, see: pigeon)") != std::string::npos);
}

TEST_CASE("status line: told once while it stays the same, and again when it is over") {
  std::vector<Condition> conditions;
  std::vector<std::string> told;
  daemon::StatusLine line("a box", {.conditions = [&] { return conditions; },
                                    .tell = [&](const std::string& text) { told.push_back(text); }});
  line.refresh();
  line.refresh();
  CHECK(told == std::vector<std::string>{"a box"});
  conditions.push_back({.code = ConditionCode::x_keys, .subject = "", .detail = ""});
  line.refresh();
  line.refresh();
  REQUIRE(told.size() == 2);
  CHECK(told[1].find("a box; wrong: X refuses") == 0);
  conditions.clear();
  line.note("the last reload failed, see the log");
  line.refresh();
  CHECK(told.back() == "a box; the last reload failed, see the log");
}
