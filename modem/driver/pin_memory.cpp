// The memory that lasts as long as the process; see pin_memory.h.
#include "modem/driver/pin_memory.h"

#include <mutex>
#include <set>
#include <utility>

namespace pigeon::modem {
namespace {

// Threads of several modems share it.
class ProcessPinMemory : public PinMemory {
 public:
  bool may_try(const CardIdentity& card, std::string_view pin) override {
    const std::lock_guard lock(mutex_);
    return !tried_.contains({card.card, std::string(pin)});
  }
  void try_begins(const CardIdentity& card, std::string_view pin) override {
    const std::lock_guard lock(mutex_);
    tried_.emplace(card.card, pin);
  }
  void settle(const CardIdentity& card, std::string_view pin, PinVerdict verdict) override {
    if (verdict == PinVerdict::refused) return;
    const std::lock_guard lock(mutex_);
    tried_.erase({card.card, std::string(pin)});
  }

 private:
  std::mutex mutex_;
  std::set<std::pair<std::string, std::string>> tried_;
};

}  // namespace

PinMemory& process_pin_memory() {
  static ProcessPinMemory memory;
  return memory;
}

}  // namespace pigeon::modem
