// The texts of an operator that a modem's thread has in hand: a part at a time, so that what comes is read in
// between, and before the replies of the outbox. Each part is given to the modem once, whatever becomes of
// it: who asked is told, and decides.
#pragma once

#include <deque>

#include "modem/driver/serial_modem.h"
#include "transport/errands.h"

namespace pigeon::transport {

// Belongs to one modem's thread.
class SendDesk {
 public:
  void begin(SendErrand errand);  // behind those that wait
  [[nodiscard]] bool any() const { return !waiting_.empty(); }
  // Sends the next part of the first one. An error is the modem's end (Errc::disconnected).
  [[nodiscard]] Result<void> send_one(modem::SerialModem& modem);
  void give_up(const Error& error);  // there is no modem any more

 private:
  struct Text {
    SendErrand errand;
    SendOutcome outcome{};
  };
  void end();  // of the first one: its outcome is told

  std::deque<Text> waiting_;
};

}  // namespace pigeon::transport
