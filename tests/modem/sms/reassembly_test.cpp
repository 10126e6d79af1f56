// Which parts make a message (modem/reassembly.h).
#include "modem/sms/reassembly.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace pigeon::modem;
using namespace std::chrono_literals;

namespace {

using Ids = std::vector<std::int64_t>;

constexpr std::chrono::sys_seconds kNoon{std::chrono::sys_days{std::chrono::year{2026} / 3 / 14} + 12h};

// Sent and arrived `after` noon; `text` stands for its octets.
PartKey part(std::int64_t id, std::uint8_t number, std::uint8_t count = 3, std::chrono::seconds after = 0s,
             std::uint8_t text = 0) {
  PartKey key;
  key.id = id;
  key.concatenation = {.reference = 42, .wide = false, .count = count, .number = number};
  key.timestamp = key.arrival = kNoon + after;
  key.modem = "main";
  key.octets = {text == 0 ? number : text};
  return key;
}

PartKey undated(std::int64_t id, std::uint8_t number, std::chrono::seconds after, std::uint8_t text = 0) {
  PartKey key = part(id, number, 2, after, text);
  key.timestamp.reset();
  return key;
}

PartKey at_modem(std::string modem, PartKey key) {
  key.modem = std::move(modem);
  return key;
}

// Of the message that the last of them makes whole; empty while it is not.
Ids whole(std::vector<PartKey> parts) {
  const std::int64_t newest = parts.back().id;
  const auto message = whole_message(std::move(parts), newest);
  return message ? message->ids : Ids();
}

}  // namespace

TEST_CASE("reassembly: last part first") {
  CHECK(whole({part(1, 3), part(2, 1), part(3, 2)}) == Ids{2, 3, 1});
}

TEST_CASE("reassembly: every order of ten parts completes with the last, whichever it is") {
  std::vector<std::uint8_t> numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::ranges::shuffle(numbers, random);
    std::vector<PartKey> so_far;
    Ids in_order(numbers.size());
    for (const std::uint8_t number : numbers) {
      const auto id = 100 + static_cast<std::int64_t>(so_far.size());
      so_far.push_back(part(id, number, 10, std::chrono::seconds(number)));
      in_order[number - 1U] = id;
      CHECK(whole(so_far) == (so_far.size() == numbers.size() ? in_order : Ids()));
    }
  }
}

TEST_CASE("reassembly: a missing part is waited for") {
  CHECK(whole({part(1, 1), part(2, 3)}).empty());
}

TEST_CASE("reassembly: a part that came twice counts once, and the copy is told") {
  CHECK(whole({part(1, 1, 2), part(2, 1, 2, 60s)}).empty());
  const auto message = whole_message({part(1, 1, 2), part(2, 1, 2, 60s), part(3, 2, 2, 62s)}, 3);
  REQUIRE(message.has_value());
  CHECK(message->ids == Ids{1, 3});
  CHECK(message->copies == Ids{2});
}

TEST_CASE("reassembly: one part of one is complete") {
  CHECK(whole({part(9, 1, 1)}) == Ids{9});
}

TEST_CASE("reassembly: what differs does not belong together") {
  PartKey other_reference = part(1, 1, 2);
  other_reference.concatenation.reference = 43;
  PartKey wide = part(1, 1, 2);
  wide.concatenation.wide = true;
  struct Case {
    const char* name;
    PartKey other;
  };
  const Case cases[] = {
      {"another reference", other_reference},
      {"a 16-bit reference of the same value", wide},
      {"another count", part(1, 1, 3)},
      {"longer ago than the window", part(1, 1, 2, -kPartWindow - 1s)},
      {"later than the window", part(1, 1, 2, kPartWindow + 1s)},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(whole({c.other, part(2, 2, 2)}).empty());
  }
}

TEST_CASE("reassembly: the window is half an hour, and its edges belong to it") {
  CHECK(kPartWindow == 30min);
  CHECK(whole({part(1, 1, 2, -kPartWindow), part(2, 2, 2)}) == Ids{1, 2});
  CHECK(whole({part(1, 1, 2, kPartWindow), part(2, 2, 2)}) == Ids{1, 2});
}

TEST_CASE("reassembly: the window holds for any two parts of a message") {
  CHECK(whole({part(1, 1, 3, 0s), part(2, 2, 3, 40min), part(3, 3, 3, 20min)}).empty());
  CHECK(whole({part(1, 1, 3, 0s), part(2, 2, 3, 30min), part(3, 3, 3, 20min)}) == Ids{1, 2, 3});
}

TEST_CASE("reassembly: the service centre's times count, however late a part arrives") {
  PartKey late = part(2, 2, 2);
  late.arrival += 20h;
  CHECK(whole({part(1, 1, 2), late}) == Ids{1, 2});
  PartKey together = part(2, 2, 2, 2h);
  together.arrival = kNoon;
  CHECK(whole({part(1, 1, 2), together}).empty());
}

TEST_CASE("reassembly: where a part has no time, the arrival counts") {
  CHECK(whole({undated(1, 1, 0s), undated(2, 2, kPartWindow)}) == Ids{1, 2});
  CHECK(whole({undated(1, 1, 0s), undated(2, 2, kPartWindow + 1s)}).empty());
  CHECK(whole({part(1, 1, 2), undated(2, 2, 5min)}) == Ids{1, 2});
  CHECK(whole({part(1, 1, 2), undated(2, 2, 31min)}).empty());
}

TEST_CASE("reassembly: a number that is there with other octets begins another message") {
  // The reference was used again, and one part of each message was lost.
  CHECK(whole({part(1, 1, 2, 0s, 'a'), part(2, 1, 2, 20min, 'b')}).empty());
  const std::vector reused{part(1, 1, 2, 0s, 'a'), part(2, 1, 2, 20min, 'b'), part(3, 2, 2, 20min, 'c')};
  CHECK(whole(reused) == Ids{2, 3});
  CHECK(part_sets(reused).size() == 2);
  // The other one's second part is late.
  CHECK(whole({part(1, 1, 2, 0s, 'a'), part(2, 1, 2, 20min, 'b'), part(3, 2, 2, 1s, 'd')}) == Ids{1, 3});
  // In the wrong order.
  CHECK(whole({part(1, 2, 2, 0s, 'a'), part(2, 2, 2, 62s, 'b'), part(3, 1, 2, 60s, 'c')}) == Ids{3, 2});
}

TEST_CASE("reassembly: of two messages of one reference each modem's parts are one") {
  std::vector parts{at_modem("main", part(1, 1, 2, 0s, 'a')), at_modem("spare", part(2, 1, 2, 5s, 'b')),
                    at_modem("main", part(3, 2, 2, 5s, 'c'))};
  CHECK(whole(parts) == Ids{1, 3});
  parts.back().modem = "spare";
  CHECK(whole(parts) == Ids{2, 3});
  // Two sticks, one message: the card was moved.
  CHECK(whole({at_modem("main", part(1, 1, 2)), at_modem("spare", part(2, 2, 2))}) == Ids{1, 2});
}

TEST_CASE("reassembly: impossible numbers complete nothing") {
  CHECK(whole({part(1, 0, 1)}).empty());
  CHECK(whole({part(1, 1, 2), part(2, 3, 2)}).empty());
}

TEST_CASE("reassembly: what is compared of a part is read from its PDU") {
  Deliver deliver;
  deliver.sender = *Address::from_number("+12025550123");
  deliver.timestamp.utc = kNoon;
  deliver.user_data.dcs = 0x08;
  deliver.user_data.header.emplace();
  deliver.user_data.header->concatenation = Concatenation{0x1234, true, 3, 2};
  deliver.user_data.data = {0x00, 0x41};
  const auto key = part_key(7, *encode_pdu({"", deliver}), kNoon + 90s + 5ms, "main");
  REQUIRE(key.has_value());
  CHECK(key->id == 7);
  CHECK(key->concatenation == *deliver.user_data.header->concatenation);
  CHECK(key->timestamp == kNoon);
  CHECK(key->arrival == kNoon + 90s);
  CHECK(key->modem == "main");
  CHECK(key->octets == Octets{0x08, 0x00, 0x41});

  deliver.timestamp.utc = {};
  auto pdu = *encode_pdu({"", deliver});
  std::fill_n(pdu.begin() + 12, 7, 0xFF);  // TP-SCTS
  const auto no_date = part_key(7, pdu, kNoon, "main");
  REQUIRE(no_date.has_value());
  CHECK_FALSE(no_date->timestamp.has_value());

  deliver.user_data.header->concatenation.reset();
  CHECK_FALSE(part_key(7, *encode_pdu({"", deliver}), kNoon, "main").has_value());
  CHECK_FALSE(part_key(7, Octets{0x00, 0x04, 0x0B}, kNoon, "main").has_value());
}
