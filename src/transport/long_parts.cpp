// Comparing the stored parts of long texts; see long_parts.h.
#include "transport/long_parts.h"

#include <algorithm>
#include <utility>

namespace pigeon::transport {

void add_key(std::vector<modem::PartKey>& keys, const store::LongPart& part) {
  if (auto key = modem::part_key(part.id, part.pdu, part.received_at, part.modem))
    keys.push_back(std::move(*key));
}

std::vector<modem::PartKey> keys_of(const std::vector<store::LongPart>& parts) {
  std::vector<modem::PartKey> keys;
  keys.reserve(parts.size());
  for (const store::LongPart& part : parts) add_key(keys, part);
  return keys;
}

bool is_repetition(const modem::PartKey& part, const modem::PartKey& earlier) {
  const bool timed = part.timestamp && earlier.timestamp;
  return modem::are_copies(part, earlier) && (!timed || part.timestamp == earlier.timestamp);
}

void leave_out_copies(std::vector<modem::PartKey>& waiting, std::int64_t newest,
                      const std::vector<store::LongPart>& settled) {
  std::vector<modem::PartKey> joined;
  for (const store::LongPart& part : settled)
    if (part.state == store::PartState::joined) add_key(joined, part);
  const auto place = std::ranges::find(waiting, newest, &modem::PartKey::id);
  if (place == waiting.end()) return;
  const modem::PartKey last = *place;
  const auto is_copy = [&](const modem::PartKey& part) {
    return std::ranges::any_of(joined, [&](const modem::PartKey& one) {
      return are_copies(one, part) && time_between(one, part) <= time_between(part, last);
    });
  };
  if (is_copy(last)) return;
  std::erase_if(waiting, is_copy);
}

}  // namespace pigeon::transport
