// Texts that real networks and modems brought to other gateways, rebuilt with invented numbers: what is made
// of each of them.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/transport/intake_desk.h"

using namespace pigeon;
using store::PartReason;
using store::PartState;
using Desk = test::IntakeDesk;

namespace {

// The service centre's time of most of them, and a minute later on the box's clock.
constexpr std::chrono::sys_seconds kSent =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(12);

struct Case {
  const char* name;
  std::vector<const char*> pdus;  // in slots 1, 2, …, announced one after the other
  std::vector<std::string> texts;
  std::int64_t told;  // people who hear that their text cannot be read
  std::int64_t waiting, ignored, quarantined;
};

const Case kCases[] = {
    {"the same PDU in two slots is one text",
     {"07919130079229F0040B912120550500F100006211022100000009F3B29B0E7ABBC765",
      "07919130079229F0040B912120550500F100006211022100000009F3B29B0E7ABBC765"},
     {"sent once"},
     0,
     0,
     0,
     0},
    {"the same words a second later are a new text",
     {"07919130079229F0040B912120550500F200006211022100000004C822130A",
      "07919130079229F0040B912120550500F200006211022100100004C822130A"},
     {"HELP", "HELP"},
     0,
     0,
     0,
     0},
    {"voicemail by an element of the header",
     {"07919130079229F0440B912120559599F900006211022100000006040102800300"},
     {},
     0,
     0,
     1,
     0},
    {"voicemail by its coding group, from a number",
     {"07919130079229F0040B912120559599F900C86211022100000016D9771D840EDBCBA018C85DBE83DAE5F93C7C2E03"},
     {},
     0,
     0,
     1,
     0},
    {"voicemail from a name",
     {"07919130079229F00407D1CDA7300900C86211022100000016D9771D840EDBCBA018C85DBE83DAE5F93C7C2E03"},
     {},
     0,
     0,
     1,
     0},
    {"a time zone that is none",
     {"07919130079229F0040B912120550500F10000621102210000FF0FFAB7BB0C7A9B41EEF71D5D969701"},
     {"zone of nowhere"},
     0,
     0,
     0,
     0},
    {"UCS-2 with the octets turned round, over two parts",
     {"07919130079229F0400B912120550500F100086211022100000018050003E10201FFFE6F006E0065002000740077006F00200"
      "0",
      "07919130079229F0440B912120550500F100086211022100000010050003E1020274006800720065006500"},
     {"one two three"},
     0,
     0,
     0,
     0},
    {"cut off behind its sender, twice",
     {"07919130079229F0240B912120550500F10008621102210000004400680061006C00660020006F0066002000",
      "07919130079229F0240B912120550500F10008621102210000004400680061006C00660020006F0066002000"},
     {},
     1,
     0,
     0,
     1},
    {"a SUBMIT with octets that make no sense, and less than a TPDU",
     {"41000B815155219999F900005D0605041578000041424344454647484950515253545556", "0048006500"},
     {},
     0,
     0,
     0,
     2},
    {"part three of two is a text of its own",
     {"07919130079229F0400B912120550500F100006211022100000018050003420203E061391D4447CBCB65D0DB0CA2DFDF"},
     {"part three of two"},
     0,
     0,
     0,
     0},
};

}  // namespace

TEST_CASE("field: what is made of PDUs that made trouble elsewhere") {
  for (const Case& one : kCases) {
    CAPTURE(one.name);
    Desk desk;
    desk.now = kSent + seconds(60);
    int slot = 0;
    for (const char* pdu : one.pdus) desk.take(test::in_slot(++slot, pdu));
    REQUIRE(desk.received() == static_cast<std::int64_t>(one.texts.size()));
    std::int64_t id = 0;
    for (const std::string& text : one.texts) CHECK(desk.text(++id) == text);
    CHECK(desk.owed() == one.told);
    CHECK(desk.store->parts.count(PartState::waiting) == one.waiting);
    CHECK(desk.store->parts.count(PartState::ignored) == one.ignored);
    CHECK(desk.store->parts.count(PartState::quarantined) == one.quarantined);
  }
}

TEST_CASE("field: a text without a sender has nobody to answer") {
  Desk desk;
  desk.now = kSent + seconds(60);
  CHECK(desk.take(test::in_slot(1, "07919130079229F00400A100006211022100000004F4F29C0E")) == 1);
  REQUIRE(desk.store->inbox.find(1).has_value());
  CHECK(desk.store->inbox.find(1)->phone.empty());
  CHECK(desk.owed() == 0);
}

TEST_CASE("field: who is told that a text is cut off must be a person who texted now") {
  struct Row {
    const char* name;
    const char* pdu;
    std::int64_t told;
    std::chrono::minutes later = std::chrono::minutes(1);  // than the 20th of November, noon
  };
  const Row rows[] = {
      {"a person", "00040B912120550500F1000862110221000000440068", 1},
      {"a voicemail system", "00040B912120550500F100C862110221000000440068", 0},
      {"type 0", "00040B912120550500F1400862110221000000440068", 0},
      {"a week ago", "00040B912120550500F1000862110221000000440068", 0, std::chrono::days(7)},
      {"a name", "000407D0CDA73009000862110221000000440068", 0},
      {"a short code", "000405812143F5000862110221000000440068", 0},
      {"the box itself", "00040B912120550501F0000862110221000000440068", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Desk desk;
    desk.now = kSent + row.later;
    CHECK(desk.take(test::in_slot(1, row.pdu)) == 0);
    CHECK(desk.owed() == row.told);
    CHECK(desk.store->parts.count(PartState::quarantined) == 1);
  }
}
