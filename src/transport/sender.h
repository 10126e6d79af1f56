// Sends what the store's outbox owes people over one modem, a part at a time, so that waiting texts are read
// in between. The intent is committed before AT+CMGS; an interrupted or unclear send is repeated once and no
// more.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "modem/driver/serial_modem.h"
#include "store/store.h"

namespace pigeon::transport {

// Belongs to one modem's thread.
class Sender {
 public:
  // `modem` is its name in the store. `store` is borrowed.
  Sender(std::string modem, store::Store& store);

  // Sends at most one part of the reply that is due. True: there may be more to do at once. An error is the
  // modem's (Errc::disconnected and the like); whatever it was, the reply is kept or closed in the store.
  [[nodiscard]] Result<bool> send_one(modem::SerialModem& modem, UtcTime now);
  // When this modem's next reply falls due, past times included; nothing while the outbox owes none.
  [[nodiscard]] std::optional<UtcTime> next_due();

 private:
  [[nodiscard]] bool prepare(UtcTime now);
  [[nodiscard]] Result<bool> handle_failure(const Error& error, UtcTime now);

  std::string modem_;
  std::string tag_;
  store::Store& store_;
  std::optional<store::Reply> reply_;
  std::vector<modem::Submit> parts_;
};

}  // namespace pigeon::transport
