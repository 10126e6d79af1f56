// Choosing the parts of a message; see reassembly.h.
#include "modem/sms/reassembly.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace pigeon::modem {
namespace {

bool is_possible(const Concatenation& concatenation) {
  return concatenation.number >= 1 && concatenation.number <= concatenation.count;
}

bool has_room(const PartSet& set, const PartKey& part) {
  return std::all_of(set.begin(), set.end(), [&part](const PartKey& other) {
    return may_belong_together(other, part) &&
           (other.concatenation.number != part.concatenation.number || are_copies(other, part));
  });
}

// Smaller is nearer: another modem is farther than any time.
std::pair<bool, std::chrono::seconds> remoteness(const PartSet& set, const PartKey& part) {
  std::pair nearest{true, std::chrono::seconds::max()};
  for (const PartKey& other : set)
    nearest = std::min(nearest, {other.modem != part.modem, time_between(other, part)});
  return nearest;
}

}  // namespace

std::optional<PartKey> part_key(std::int64_t id, std::span<const std::uint8_t> pdu, UtcTime arrival,
                                std::string modem) {
  const auto decoded = decode_pdu(pdu, Direction::to_mobile);
  const auto* deliver = decoded ? std::get_if<Deliver>(&decoded->tpdu) : nullptr;
  if (deliver == nullptr) return std::nullopt;
  const UserData& user_data = deliver->user_data;
  if (!user_data.header || !user_data.header->concatenation) return std::nullopt;
  PartKey key;
  key.id = id;
  key.concatenation = *user_data.header->concatenation;
  if (deliver->timestamp.is_date()) key.timestamp = deliver->timestamp.utc;
  key.arrival = std::chrono::floor<std::chrono::seconds>(arrival);
  key.modem = std::move(modem);
  key.octets = {user_data.dcs};
  key.octets.insert(key.octets.end(), user_data.data.begin(), user_data.data.end());
  return key;
}

std::chrono::seconds time_between(const PartKey& a, const PartKey& b) {
  if (!a.timestamp || !b.timestamp) return std::chrono::abs(a.arrival - b.arrival);
  return std::chrono::abs(*a.timestamp - *b.timestamp);
}

bool may_belong_together(const PartKey& a, const PartKey& b) {
  return a.concatenation.reference == b.concatenation.reference &&
         a.concatenation.wide == b.concatenation.wide && a.concatenation.count == b.concatenation.count &&
         time_between(a, b) <= kPartWindow;
}

bool are_copies(const PartKey& a, const PartKey& b) {
  return may_belong_together(a, b) && a.concatenation.number == b.concatenation.number &&
         a.octets == b.octets;
}

std::vector<PartSet> part_sets(std::vector<PartKey> parts) {
  std::ranges::sort(parts, {}, &PartKey::id);
  std::vector<PartSet> sets;
  for (PartKey& part : parts) {
    PartSet* nearest = nullptr;
    for (PartSet& set : sets) {
      if (!has_room(set, part)) continue;
      if (nearest == nullptr || remoteness(set, part) < remoteness(*nearest, part)) nearest = &set;
    }
    if (nearest == nullptr) nearest = &sets.emplace_back();
    nearest->push_back(std::move(part));
  }
  return sets;
}

std::optional<WholeMessage> whole_message(std::vector<PartKey> parts, std::int64_t newest) {
  for (const PartSet& set : part_sets(std::move(parts))) {
    if (std::ranges::none_of(set, [newest](const PartKey& part) { return part.id == newest; })) continue;
    WholeMessage whole;
    whole.ids.resize(set.front().concatenation.count);
    for (const PartKey& part : set) {
      if (!is_possible(part.concatenation)) return std::nullopt;
      std::int64_t& place = whole.ids[part.concatenation.number - 1U];
      if (place == 0)
        place = part.id;
      else
        whole.copies.push_back(part.id);
    }
    if (std::ranges::find(whole.ids, 0) != whole.ids.end()) return std::nullopt;
    return whole;
  }
  return std::nullopt;
}

}  // namespace pigeon::modem
