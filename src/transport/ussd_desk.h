// The question to the network that is under way, of a modem's thread: asked by AT+CUSD, answered by an event
// while the thread goes on reading texts. Nothing is sent meanwhile, because its failure may come as a bare
// +CME ERROR that would look like the end of an AT+CMGS.
#pragma once

#include <optional>

#include "base/clock.h"
#include "modem/driver/serial_modem.h"
#include "transport/errands.h"

namespace pigeon::transport {

// Belongs to one modem's thread.
class UssdDesk {
 public:
  // Asks, or tells why not. An error is the modem's end (Errc::disconnected).
  [[nodiscard]] Result<void> begin(modem::SerialModem& modem, UssdErrand errand, SteadyTime now);
  // What the network says; of nobody's asking it is let go.
  void take(const modem::UssdReply& reply);
  // Ends the question whose time is over. An error as begin()'s.
  [[nodiscard]] Result<void> expire(modem::SerialModem& modem, SteadyTime now);
  void give_up(const Error& error);  // there is no modem any more
  // Until when the question may still be answered; nothing where there is none.
  [[nodiscard]] std::optional<SteadyTime> deadline() const;

 private:
  std::optional<UssdErrand> asked_;
  SteadyTime deadline_{};
};

}  // namespace pigeon::transport
