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

}  // namespace

SteadyTime StuckSlots::tried(const modem::StoredMessage& message, SteadyTime now) {
  State& state = slots_[message.slot];
  if (state.pdu != message.pdu) state = State{.pdu = message.pdu};
  state.next_try = now + pause_after(++state.tries);
  return state.next_try;
}

bool StuckSlots::knows(const modem::StoredMessage& message) const {
  const auto found = slots_.find(message.slot);
  return found != slots_.end() && found->second.pdu == message.pdu;
}

SteadyTime StuckSlots::next_try(const modem::StoredMessage& message) const {
  return knows(message) ? slots_.at(message.slot).next_try : SteadyTime{};
}

bool StuckSlots::tell(const modem::StoredMessage& message) {
  return knows(message) && !std::exchange(slots_.at(message.slot).told, true);
}

void StuckSlots::keep_only(std::span<const modem::StoredMessage> listed) {
  std::erase_if(slots_, [listed](const auto& entry) {
    return std::none_of(listed.begin(), listed.end(), [&entry](const modem::StoredMessage& message) {
      return message.slot == entry.first;
    });
  });
}

}  // namespace pigeon::transport
