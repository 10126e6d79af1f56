// Sending one part (3GPP TS 27.005 §4.3), by the service centre that is set.
#pragma once

#include "modem/driver/line.h"
#include "modem/driver/service_centre.h"

namespace pigeon::modem {

class Sender {
 public:
  Sender(Line& line, ServiceCentre& centre) : line_(line), centre_(centre) {}

  // What SerialModem::send() says. A modem that has lost its service centre gets it again, and the part once
  // more: nothing was sent.
  [[nodiscard]] Result<SendReceipt> send(const Submit& submit);

 private:
  Line& line_;
  ServiceCentre& centre_;
};

}  // namespace pigeon::modem
