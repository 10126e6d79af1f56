// Slots that AT+CMGD does not empty: firmware that says OK and deletes nothing, a SIM that has become
// read-only. Remembered for as long as the program runs, told once each, and tried ever more rarely, so that
// one such slot costs neither commands nor lines of the log. Pure: the time is passed in.
#pragma once

#include <span>
#include <vector>

#include "base/clock.h"
#include "modem/driver/serial_modem.h"

namespace pigeon::transport {

// Belongs to one modem's thread.
class StuckSlots {
 public:
  // AT+CMGD was tried on the slot of `message`, whatever it answered; returns when it may be tried again: 2 s
  // later, 8 s, 32 s, … a day.
  SteadyTime tried(const modem::StoredMessage& message, SteadyTime now);
  // Whether AT+CMGD was tried on this very message.
  [[nodiscard]] bool knows(const modem::StoredMessage& message) const;
  // When it may be tried (again): what tried() said, or the past.
  [[nodiscard]] SteadyTime next_try(const modem::StoredMessage& message) const;
  // True once for each message that knows() says yes to.
  [[nodiscard]] bool tell(const modem::StoredMessage& message);
  // A listing shows all that is left in the modem; slots that are empty are forgotten.
  void keep_only(std::span<const modem::StoredMessage> listed);

 private:
  struct Tried {
    modem::StoredMessage message;  // another one in the same slot is another matter
    int tries = 0;
    SteadyTime next_try{};
    bool told = false;
  };
  [[nodiscard]] const Tried* find(const modem::StoredMessage& message) const;
  std::vector<Tried> tried_;  // one a slot
};

}  // namespace pigeon::transport
