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
  // Sends the next part of the first one. An error is the modem's end (Errc::disconnected). Where the modem
  // sends on a second port the part is under way afterwards: is_sending(), until finish().
  [[nodiscard]] Result<void> send_one(modem::SerialModem& modem);
  [[nodiscard]] bool is_sending() const { return is_sending_; }
  // What has become of it; only while is_sending().
  [[nodiscard]] Result<void> finish(const Result<modem::SendReceipt>& receipt);
  void give_up(const Error& error);  // there is no modem any more

 private:
  struct Text {
    SendErrand errand;
    SendOutcome outcome{};
  };
  void end();  // of the first one: its outcome is told

  std::deque<Text> waiting_;
  bool is_sending_ = false;  // a part of the first one
};

}  // namespace pigeon::transport
