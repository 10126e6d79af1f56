// How often what; see stuck_slots.h.
#include "transport/stuck_slots.h"

#include <algorithm>
#include <utility>

namespace pigeon::transport {
namespace {

constexpr milliseconds kFirstPause = seconds(2);
constexpr milliseconds kLongestPause = std::chrono::hours(24);
constexpr int kFactor = 4;

milliseconds pause_after(int tries) {
  milliseconds pause = kFirstPause;
  for (int i = 1; i < tries && pause < kLongestPause; ++i) pause *= kFactor;
  return std::min(pause, kLongestPause);
}

bool is_same(const modem::StoredMessage& a, const modem::StoredMessage& b) {
  return a.slot == b.slot && a.pdu == b.pdu;
}

}  // namespace

const StuckSlots::Tried* StuckSlots::find(const modem::StoredMessage& message) const {
  const auto found = std::find_if(tried_.begin(), tried_.end(),
                                  [&message](const Tried& tried) { return is_same(tried.message, message); });
  return found == tried_.end() ? nullptr : &*found;
}

SteadyTime StuckSlots::tried(const modem::StoredMessage& message, SteadyTime now) {
  auto entry = std::find_if(tried_.begin(), tried_.end(),
                            [&message](const Tried& tried) { return tried.message.slot == message.slot; });
  if (entry == tried_.end()) entry = tried_.insert(entry, Tried{.message = message});
  if (entry->message.pdu != message.pdu) *entry = Tried{.message = message};
  entry->next_try = now + pause_after(++entry->tries);
  return entry->next_try;
}

bool StuckSlots::knows(const modem::StoredMessage& message) const {
  return find(message) != nullptr;
}

SteadyTime StuckSlots::next_try(const modem::StoredMessage& message) const {
  const Tried* tried = find(message);
  return tried == nullptr ? SteadyTime{} : tried->next_try;
}

bool StuckSlots::tell(const modem::StoredMessage& message) {
  for (Tried& tried : tried_) {
    if (is_same(tried.message, message)) return !std::exchange(tried.told, true);
  }
  return false;
}

void StuckSlots::keep_only(std::span<const modem::StoredMessage> listed) {
  std::erase_if(tried_, [listed](const Tried& tried) {
    return std::none_of(listed.begin(), listed.end(), [&tried](const modem::StoredMessage& message) {
      return message.slot == tried.message.slot;
    });
  });
}

}  // namespace pigeon::transport
