// Parts of long messages in any order and of any make: every part is in one set, no set holds two messages, a
// set that is whole has each number once, and a part that arrives changes nothing about those before it.
// Records of six octets make the parts; what is longer than kMostParts of them is a PDU that is looked at for
// its key.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "modem/sms/reassembly.h"

using namespace pigeon::modem;

namespace {

constexpr std::size_t kRecord = 6;
constexpr std::size_t kMostParts = 40;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// reference (2 bits), width and modem (a bit each) | count | number | minutes | octets | whether it has a
// stamp
std::vector<PartKey> parts_of(std::span<const std::uint8_t> bytes) {
  std::vector<PartKey> parts;
  for (; bytes.size() >= kRecord && parts.size() < kMostParts; bytes = bytes.subspan(kRecord)) {
    PartKey part;
    part.id = static_cast<std::int64_t>(parts.size()) + 1;
    part.concatenation.reference = bytes[0] & 3;
    part.concatenation.wide = (bytes[0] & 4) != 0;
    part.modem = (bytes[0] & 8) != 0 ? "one" : "two";
    part.concatenation.count = bytes[1] % 5;
    part.concatenation.number = bytes[2] % 6;
    part.arrival = std::chrono::sys_seconds(std::chrono::minutes(bytes[3]));
    if (bytes[5] % 2 == 0) part.timestamp = part.arrival;
    part.octets = {0, static_cast<std::uint8_t>(bytes[4] % 4)};
    parts.push_back(part);
  }
  return parts;
}

void check_set(const PartSet& set) {
  require(!set.empty(), "no set is empty");
  for (const PartKey& one : set) {
    for (const PartKey& other : set) {
      require(one.concatenation.reference == other.concatenation.reference &&
                  one.concatenation.count == other.concatenation.count &&
                  one.concatenation.wide == other.concatenation.wide,
              "a set is of one message");
      if (one.concatenation.number == other.concatenation.number)
        require(one.octets == other.octets, "a number has one content");
    }
  }
}

void check_whole(const std::vector<PartKey>& parts, std::int64_t newest) {
  const auto whole = whole_message(parts, newest);
  if (!whole) return;
  std::set<std::int64_t> ids(whole->ids.begin(), whole->ids.end());
  require(ids.size() == whole->ids.size(), "each part once");
  for (std::size_t i = 0; i < whole->ids.size(); ++i) {
    const PartKey& part = parts.at(static_cast<std::size_t>(whole->ids[i]) - 1);
    require(part.concatenation.number == i + 1, "in order");
  }
  ids.insert(whole->copies.begin(), whole->copies.end());
  require(ids.size() == whole->ids.size() + whole->copies.size(), "a copy is not a part");
  require(ids.contains(newest), "the part that makes it whole is of it");
}

// Which set each part is in, by the oldest id of that set.
std::map<std::int64_t, std::int64_t> places(const std::vector<PartKey>& parts) {
  std::map<std::int64_t, std::int64_t> places;
  std::size_t placed = 0;
  for (const PartSet& set : part_sets(parts)) {
    check_set(set);
    placed += set.size();
    for (const PartKey& part : set) places[part.id] = set.front().id;
  }
  require(placed == parts.size() && places.size() == parts.size(), "each part is in one set");
  return places;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  const auto key = part_key(1, bytes, pigeon::UtcTime{}, "one");
  if (key) require(are_copies(*key, *key), "a part is its own copy");
  const auto parts = parts_of(bytes);
  const auto all = places(parts);
  for (std::size_t count = 1; count <= parts.size(); ++count) {
    const std::vector<PartKey> some(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(count));
    for (const auto& [id, place] : places(some)) require(all.at(id) == place, "what was there stays");
    check_whole(some, some.back().id);
  }
  auto turned = parts;
  std::reverse(turned.begin(), turned.end());
  require(places(turned) == all, "the order in which they are given is nothing");
  return 0;
}
