// PIN and PUK counters; see sim_card.h.
#include "sim/modem/sim_card.h"

#include <utility>

namespace pigeon::sim {
namespace {

constexpr int kPinAttempts = 3;

}  // namespace

SimCard::SimCard(bool inserted, std::string pin, std::string puk, milliseconds start_up)
    : inserted_(inserted),
      pin_(std::move(pin)),
      puk_(std::move(puk)),
      start_up_(start_up),
      asks_for_pin_(!pin_.empty()) {
  power_up();
}

SimCard::State SimCard::state(SteadyTime now) const {
  if (!inserted_) return State::absent;
  if (puk_attempts_ == 0) return State::blocked;
  if (pin_attempts_ == 0) return State::puk_required;
  if (!unlocked_) return State::pin_required;
  return now < ready_at_ ? State::busy : State::ready;
}

void SimCard::power_up() {
  unlocked_ = !asks_for_pin_;
}

bool SimCard::verify(const std::string& pin) {
  if (pin_attempts_ == 0 || puk_attempts_ == 0) return false;
  pin_attempts_ = pin == pin_ ? kPinAttempts : pin_attempts_ - 1;
  if (pin_attempts_ == 0) unlocked_ = false;
  return pin == pin_;
}

bool SimCard::enter_pin(const std::string& pin, SteadyTime now) {
  if (!verify(pin)) return false;
  unlocked_ = true;
  ready_at_ = now + start_up_;
  return true;
}

bool SimCard::unblock(const std::string& puk, const std::string& new_pin, SteadyTime now) {
  if (puk_attempts_ == 0) return false;
  if (puk != puk_) {
    --puk_attempts_;
    return false;
  }
  puk_attempts_ = 10;
  pin_attempts_ = kPinAttempts;
  pin_ = new_pin;
  return enter_pin(new_pin, now);
}

bool SimCard::ask_for_pin(bool wanted, const std::string& pin) {
  if (!verify(pin)) return false;
  asks_for_pin_ = wanted;
  return true;
}

}  // namespace pigeon::sim
