// Slots and memories; see sim_storage.h.
#include "sim/modem/sim_storage.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/text.h"

namespace pigeon::sim {
namespace {

std::shared_ptr<MessageMemory::Slots> empty_slots(int count) {
  return std::make_shared<MessageMemory::Slots>(static_cast<std::size_t>(count));
}

std::vector<MessageMemory> make_memories(int first_index, int sim_slots, int device_slots, bool one_memory,
                                         int report_slots) {
  const auto of_sim = empty_slots(sim_slots);
  const auto of_device = one_memory ? of_sim : empty_slots(device_slots);
  std::vector<MessageMemory> memories = {{"SM", first_index, of_sim}, {"ME", first_index, of_device}};
  if (report_slots > 0) memories.emplace_back(std::string(kReports), first_index, empty_slots(report_slots));
  return memories;
}

}  // namespace

MessageMemory::MessageMemory(std::string name, int first_index, std::shared_ptr<Slots> slots)
    : name_(std::move(name)), first_index_(first_index), slots_(std::move(slots)) {}

int MessageMemory::last_index() const {
  return first_index_ + static_cast<int>(slots_->size()) - 1;
}

bool MessageMemory::has_index(int index) const {
  return index >= first_index_ && index <= last_index();
}

std::size_t MessageMemory::used() const {
  return static_cast<std::size_t>(
      std::count_if(slots_->begin(), slots_->end(), [](const auto& slot) { return slot.has_value(); }));
}

std::optional<int> MessageMemory::put(StoredPdu message) {
  const auto free_slot =
      std::find_if(slots_->begin(), slots_->end(), [](const auto& slot) { return !slot.has_value(); });
  if (free_slot == slots_->end()) return std::nullopt;
  *free_slot = std::move(message);
  return first_index_ + static_cast<int>(free_slot - slots_->begin());
}

bool MessageMemory::put_at(int index, StoredPdu message) {
  if (!has_index(index) || at(index) != nullptr) return false;
  (*slots_)[static_cast<std::size_t>(index - first_index_)] = std::move(message);
  return true;
}

StoredPdu* MessageMemory::at(int index) {
  if (!has_index(index)) return nullptr;
  auto& slot = (*slots_)[static_cast<std::size_t>(index - first_index_)];
  return slot ? &*slot : nullptr;
}

void MessageMemory::erase(int index) {
  if (has_index(index)) (*slots_)[static_cast<std::size_t>(index - first_index_)].reset();
}

MessageStorage::MessageStorage(int first_index, int sim_slots, int device_slots, std::string_view receive_in,
                               bool one_memory, int report_slots)
    : memories_(make_memories(first_index, sim_slots, device_slots, one_memory, report_slots)),
      one_memory_(one_memory) {
  MessageMemory* const start = find(receive_in);
  if (start == nullptr)
    throw std::invalid_argument("no message memory of this name: " + std::string(receive_in));
  for (const Use use : {Use::reading, Use::writing, Use::receiving}) choose(use, *start);
}

MessageMemory* MessageStorage::find(std::string_view name) {
  const auto found = std::find_if(memories_.begin(), memories_.end(), [&](const MessageMemory& memory) {
    return ascii_iequals(memory.name(), name);
  });
  return found == memories_.end() ? nullptr : &*found;
}

MessageMemory& MessageStorage::chosen(Use use) {
  return memories_[chosen_[static_cast<std::size_t>(use)]];
}

void MessageStorage::choose(Use use, MessageMemory& memory) {
  chosen_[static_cast<std::size_t>(use)] = static_cast<std::size_t>(&memory - memories_.data());
}

std::size_t MessageStorage::used() const {
  std::size_t used = 0;
  for (const MessageMemory& memory : memories_) {
    if (!one_memory_ || memory.name() != "ME") used += memory.used();
  }
  return used;
}

}  // namespace pigeon::sim
