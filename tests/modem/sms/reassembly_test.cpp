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

PartKey part(std::int64_t id, std::uint8_t number, std::uint8_t count = 3, std::chrono::seconds after = 0s,
             std::uint16_t reference = 42, bool wide = false) {
  return {id, {.reference = reference, .wide = wide, .count = count, .number = number}, kNoon + after};
}

}  // namespace

TEST_CASE("reassembly: last part first") {
  const std::vector parts{part(1, 3), part(2, 1), part(3, 2)};
  CHECK(complete_message(parts, parts[2]) == Ids{2, 3, 1});
}

TEST_CASE("reassembly: every order of ten parts completes with the last, whichever it is") {
  std::vector<PartKey> parts;
  for (std::uint8_t number = 1; number <= 10; ++number) {
    parts.push_back(part(100 + number, number, 10, std::chrono::seconds(number)));
  }
  const Ids in_order{101, 102, 103, 104, 105, 106, 107, 108, 109, 110};
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::ranges::shuffle(parts, random);
    for (std::size_t arrived = 1; arrived < parts.size(); ++arrived) {
      const std::span<const PartKey> so_far(parts.data(), arrived);
      CHECK_FALSE(complete_message(so_far, so_far.back()).has_value());
    }
    CHECK(complete_message(parts, parts.back()) == in_order);
  }
}

TEST_CASE("reassembly: a missing part is waited for") {
  const std::vector parts{part(1, 1), part(2, 3)};
  CHECK_FALSE(complete_message(parts, parts[1]).has_value());
}

TEST_CASE("reassembly: a part that came twice counts once") {
  const std::vector twice{part(1, 1, 2), part(2, 1, 2)};
  CHECK_FALSE(complete_message(twice, twice[1]).has_value());
  const std::vector parts{part(1, 1, 2), part(2, 1, 2), part(3, 2, 2)};
  CHECK(complete_message(parts, parts[2]) == Ids{1, 3});
}

TEST_CASE("reassembly: one part of one is complete") {
  const std::vector parts{part(9, 1, 1)};
  CHECK(complete_message(parts, parts[0]) == Ids{9});
}

TEST_CASE("reassembly: what differs does not belong together") {
  struct Case {
    std::string name;
    PartKey other;
  };
  const Case cases[] = {
      {"another reference", part(1, 1, 2, 0s, 43)},
      {"a 16-bit reference of the same value", part(1, 1, 2, 0s, 42, true)},
      {"another count", part(1, 1, 3)},
      {"longer ago than the window", part(1, 1, 2, -kPartWindow - 1s)},
      {"later than the window", part(1, 1, 2, kPartWindow + 1s)},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const std::vector parts{c.other, part(2, 2, 2)};
    CHECK_FALSE(complete_message(parts, parts[1]).has_value());
  }
}

TEST_CASE("reassembly: parts at the window's edge still belong together") {
  const std::vector parts{part(1, 1, 2, -kPartWindow), part(2, 2, 2)};
  CHECK(complete_message(parts, parts[1]) == Ids{1, 2});
}

TEST_CASE("reassembly: where a reference was reused, the part nearest in time is taken") {
  // The first attempt lost its second part; the phone sent the whole text again a minute later.
  const std::vector resent{part(1, 1, 2), part(2, 1, 2, 60s), part(3, 2, 2, 62s)};
  CHECK(complete_message(resent, resent[2]) == Ids{2, 3});
  // The same when the later message's parts come in the wrong order.
  const std::vector swapped{part(1, 2, 2), part(2, 2, 2, 62s), part(3, 1, 2, 60s)};
  CHECK(complete_message(swapped, swapped[2]) == Ids{3, 2});
}

TEST_CASE("reassembly: of equally near copies the one stored first is taken") {
  const std::vector parts{part(1, 1, 2, -5s), part(2, 1, 2, 5s), part(3, 2, 2)};
  CHECK(complete_message(parts, parts[2]) == Ids{1, 3});
}

TEST_CASE("reassembly: the newest part is used itself, not an equal copy of it") {
  const std::vector parts{part(1, 1, 2), part(2, 2, 2), part(3, 2, 2)};
  CHECK(complete_message(parts, parts[2]) == Ids{1, 3});
}

TEST_CASE("reassembly: impossible numbers complete nothing") {
  const std::vector zero{part(1, 0, 1)};
  CHECK_FALSE(complete_message(zero, zero[0]).has_value());
  const std::vector beyond{part(1, 1, 2), part(2, 3, 2), part(3, 2, 2)};
  CHECK_FALSE(complete_message(beyond, beyond[1]).has_value());
  CHECK(complete_message(beyond, beyond[2]) == Ids{1, 3});
}
