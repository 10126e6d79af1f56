// The SIM's lock: PIN, its three attempts, the PUK and its ten (3GPP TS 27.007 §8.3, TS 31.101 §9.5).
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace pigeon::sim {

class SimCard {
 public:
  enum class State : std::uint8_t { absent, pin_required, puk_required, blocked, busy, ready };

  // An empty `pin` asks for none. `start_up` passes between the right PIN and a card that answers.
  SimCard(bool inserted, std::string pin, std::string puk, milliseconds start_up);

  [[nodiscard]] State state(SteadyTime now) const;  // `now` ends `busy`
  // Unlocked, and its start-up time has passed.
  [[nodiscard]] bool ready(SteadyTime now) const { return state(now) == State::ready; }
  [[nodiscard]] int pin_attempts() const { return pin_attempts_; }  // left; 0: only the PUK helps
  [[nodiscard]] int puk_attempts() const { return puk_attempts_; }  // left; 0: blocked for good

  void power_up();  // locked again if a PIN is set and asked for
  // False costs one of three attempts; the right PIN sets them back and starts the card up.
  bool enter_pin(const std::string& pin, SteadyTime now);
  // False costs one of the PUK's ten attempts; the right one sets `new_pin` and unlocks the card.
  bool unblock(const std::string& puk, const std::string& new_pin, SteadyTime now);
  [[nodiscard]] bool asks_for_pin() const { return asks_for_pin_; }  // at the next power-up
  // +CLCK="SC": whether power-up locks the card. A wrong `pin` is false and costs an attempt.
  bool ask_for_pin(bool wanted, const std::string& pin);  // +CLCK="SC"

 private:
  bool verify(const std::string& pin);

  bool inserted_;
  std::string pin_;
  std::string puk_;
  milliseconds start_up_;
  bool asks_for_pin_;
  bool unlocked_ = false;
  SteadyTime ready_at_{};
  int pin_attempts_ = 3;
  int puk_attempts_ = 10;
};

}  // namespace pigeon::sim
