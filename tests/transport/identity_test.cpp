// What makes a text another one, and what does not; and for how long it is known.
#include "transport/identity.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "base/text.h"

using namespace pigeon;
using modem::Deliver;
using modem::TypeOfNumber;
using transport::identifies_until;
using transport::Identity;
using transport::identity_of;

namespace {

constexpr std::chrono::sys_seconds kSent =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(12);

Deliver deliver() {
  Deliver deliver;
  deliver.sender = *modem::Address::from_number("+12025550001");
  deliver.timestamp.utc = kSent;
  deliver.user_data.data = {'h', 'i'};
  return deliver;
}

modem::Address address(TypeOfNumber type, const char* value) {
  return {.type_of_number = type, .numbering_plan = 1, .value = value};
}

Identity of_octets(const char* hex) {
  const auto octets = *from_hex(hex);
  return identity_of(octets, modem::decode_deliver_head(octets));
}

}  // namespace

TEST_CASE("identity: what makes a text another one") {
  struct Row {
    const char* name;
    std::function<void(Deliver&)> change;
    bool same;
  };
  const Row rows[] = {
      {"nothing", [](Deliver&) {}, true},
      {"more messages, reply path and report, of the first octet",
       [](Deliver& d) { d.more_messages = d.reply_path = d.status_report = true; }, true},
      {"the zone in which the same instant is written",
       [](Deliver& d) { d.timestamp.offset = std::chrono::minutes(60); }, true},
      {"the same number in national form",
       [](Deliver& d) { d.sender = address(TypeOfNumber::national, "2025550001"); }, true},
      {"another second", [](Deliver& d) { d.timestamp.utc += seconds(1); }, false},
      {"another sender", [](Deliver& d) { d.sender.value = "12025550002"; }, false},
      {"a name of the same digits",
       [](Deliver& d) { d.sender = address(TypeOfNumber::alphanumeric, "+12025550001"); }, false},
      {"TP-PID", [](Deliver& d) { d.pid = 0x41; }, false},
      {"TP-DCS", [](Deliver& d) { d.user_data.dcs = 0xF0; }, false},
      {"the text", [](Deliver& d) { d.user_data.data.back() = 'o'; }, false},
      {"an empty header", [](Deliver& d) { d.user_data.header.emplace(); }, false},
      {"the header",
       [](Deliver& d) {
         d.user_data.header.emplace().raw = {0x00, 0x03, 1, 2, 1};
       },
       false},
  };
  const Identity text = identity_of(deliver(), "US");
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Deliver other = deliver();
    row.change(other);
    CHECK((identity_of(other, "US").octets == text.octets) == row.same);
  }
}

TEST_CASE("identity: two parts of one text may have the same words") {
  Deliver first = deliver();
  first.user_data.header.emplace().raw = {0x00, 0x03, 7, 2, 1};
  Deliver second = first;
  second.user_data.header->raw.back() = 2;
  CHECK(identity_of(first, "US").octets != identity_of(second, "US").octets);
}

TEST_CASE("identity: no octet changes from one field to the next") {
  Deliver one = deliver();
  one.user_data.header.emplace().raw = {0x70, 0x01, 'h'};
  one.user_data.data = {'i'};
  Deliver other = deliver();
  other.user_data.header.emplace().raw = {0x70, 0x01};
  other.user_data.data = {'h', 'i'};
  CHECK(identity_of(one, "US").octets != identity_of(other, "US").octets);
}

TEST_CASE("identity: what cannot be decoded is known by its octets, whatever centre brought it") {
  const Identity cut_off = of_octets("07919130079229F0240B912120550500F1000862110221000000440068");
  CHECK(cut_off.sent_at == kSent);
  CHECK(of_octets("07919130079229F1040B912120550500F1000862110221000000440068").octets == cut_off.octets);
  CHECK(of_octets("00040B912120550500F1000862110221000000440068").octets == cut_off.octets);
  CHECK(of_octets("00040B912120550500F1000862110221000000440069").octets != cut_off.octets);
  CHECK_FALSE(of_octets("0048006500").sent_at.has_value());
  CHECK(of_octets("").octets == of_octets("00").octets);
}

TEST_CASE("identity: for how long it is known") {
  using std::chrono::days;
  struct Row {
    const char* name;
    std::optional<UtcTime> sent_at;
    bool believed;
    std::chrono::minutes expected;
  };
  const UtcTime now = kSent;
  const Row rows[] = {
      {"now", now, true, days(30)},
      {"two days ago", now - days(2), true, days(30)},
      {"two days ahead", now + days(2), true, days(30)},
      {"longer ago", now - days(2) - seconds(1), true, std::chrono::minutes(10)},
      {"further ahead", now + days(2) + seconds(1), true, std::chrono::minutes(10)},
      {"no date", std::nullopt, true, std::chrono::minutes(10)},
      {"no date and no clock", std::nullopt, false, std::chrono::minutes(10)},
      {"far from a clock that nobody believes", now + days(20000), false, days(30)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(identifies_until({{1}, row.sent_at}, now, row.believed) == now + row.expected);
  }
}
