// The quarantine for people and machines: each line fits a terminal, nothing in it can play with it, and what
// can be read of a message is shown.
#include "cli/quarantine_command.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/paragraph.h"
#include "base/text.h"
#include "tests/store/temp_store.h"

using namespace pigeon;

namespace {

// "hello" from +447700900123, as AT+CMGR gives it.
constexpr const char* kHello = "00040C9144770009103200006280010192000005E8329BFD06";

store::NewPart part(const std::string& pdu, store::PartReason reason, const std::string& detail = "") {
  store::NewPart part;
  part.slot = {"main", "SM", 4};
  part.pdu = from_hex(pdu).value();
  part.received_at = from_unix_ms(1'795'856'400'000);  // 2026-11-28T09:00:00Z
  part.state = store::PartState::quarantined;
  part.reason = reason;
  part.detail = detail;
  return part;
}

std::string list(store::Store& store, bool json = false) {
  std::ostringstream out;
  cli::list_quarantine(store, json, out);
  return out.str();
}

std::string show(store::Store& store, std::int64_t id, bool json = false) {
  std::ostringstream out;
  const auto shown = cli::show_quarantined(store, id, json, out);
  REQUIRE_MESSAGE(shown, shown.error().message);
  return out.str();
}

}  // namespace

TEST_CASE("quarantine: empty, it says so") {
  test::TempStore store;
  CHECK(list(*store) == "The quarantine is empty.\n");
  CHECK(list(*store, true) == "[]\n");
}

TEST_CASE("quarantine: a line each, the newest first, none wider than a terminal or able to play with it") {
  test::TempStore store;
  auto hostile = part("0791FF00", store::PartReason::undecodable, std::string(200, 'x'));
  hostile.sender = "\x1b[31m" + std::string(40, 'y');
  static_cast<void>(store->parts.add(in_one(*store), hostile));
  static_cast<void>(
      store->parts.add(in_one(*store), part("00", store::PartReason::undecodable, "ends at octet 1")));
  auto ignored = part("00", store::PartReason::too_old);
  ignored.state = store::PartState::ignored;
  static_cast<void>(store->parts.add(in_one(*store), ignored));
  std::istringstream lines(list(*store));
  std::vector<std::string> shown;
  for (std::string line; std::getline(lines, line);) shown.push_back(line);
  REQUIRE(shown.size() == 3);
  CHECK(shown[0] == "    id  received (UTC)    from              why");
  CHECK(shown[1] == "     2  2026-11-28 09:00  ?                 cannot be decoded: ends at octet 1");
  for (const std::string& line : shown) {
    CHECK(columns(line) <= 80);
    CHECK(line.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("quarantine: a hundred are listed, the others counted") {
  test::TempStore store;
  for (int i = 0; i < 103; ++i)
    static_cast<void>(store->parts.add(in_one(*store), part("00", store::PartReason::undecodable)));
  const std::string text = list(*store);
  CHECK(text.find("\n   103  ") != std::string::npos);
  CHECK(text.find("\n     3  ") == std::string::npos);
  CHECK(text.find("and 3 older ones\n") != std::string::npos);
}

TEST_CASE("quarantine: one part with its place, its reason, what can be read of it and its octets") {
  test::TempStore store;
  const auto broken =
      store->parts.add(in_one(*store), part("0791FF00", store::PartReason::undecodable, "ends early"));
  auto old = part(kHello, store::PartReason::too_old);
  old.state = store::PartState::ignored;
  old.sender = "+447700900123";
  const auto readable = store->parts.add(in_one(*store), old);

  const std::string text = show(*store, broken);
  CHECK(text.find("part      1\nreceived  2026-11-28T09:00:00Z by modem main, slot 4 of SM\n") == 0);
  CHECK(text.find("why       cannot be decoded: ends early\ndecoded   nothing: ") != std::string::npos);
  CHECK(text.find("\noctets    0791FF00\n") != std::string::npos);
  CHECK(show(*store, readable).find("\"text\":\"hello\"") != std::string::npos);

  const auto json = nlohmann::json::parse(show(*store, readable, true));
  CHECK(json["state"] == "ignored");
  CHECK(json["decoded"]["from"] == "+447700900123");
  CHECK(nlohmann::json::parse(list(*store, true))[0]["pdu"] == "0791FF00");
}

TEST_CASE("quarantine: a text cannot play with the terminal that shows it") {
  test::TempStore store;
  // U+009B, the eight-bit CSI, in UCS-2.
  const auto id = store->parts.add(in_one(*store), part("00040C9144770009103200086280010192000002009B",
                                                        store::PartReason::unreadable, "test"));
  const std::string text = show(*store, id);
  CHECK(text.find("\"text\":\"") != std::string::npos);
  CHECK(text.find("\xC2\x9B") == std::string::npos);
}

TEST_CASE("quarantine: octets that are no UTF-8 are still JSON for a machine") {
  test::TempStore store;
  auto torn = part("00", store::PartReason::undecodable);
  torn.sender = "a\xFFz";
  const auto id = store->parts.add(in_one(*store), torn);
  CHECK(nlohmann::json::parse(show(*store, id, true))["from"] == "a\xEF\xBF\xBDz");
  CHECK(nlohmann::json::parse(list(*store, true)).size() == 1);
}

TEST_CASE("quarantine: what is no part of it is not shown") {
  test::TempStore store;
  auto waiting = part(kHello, store::PartReason::none);
  waiting.state = store::PartState::waiting;
  const auto id = store->parts.add(in_one(*store), waiting);
  std::ostringstream out;
  CHECK(cli::show_quarantined(*store, id, false, out).error().code == Errc::not_found);
  CHECK(cli::show_quarantined(*store, 77, false, out).error().message == "part 77 is not in the quarantine");
  CHECK(out.str().empty());
}
