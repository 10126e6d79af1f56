// How the modem is: signal, network and room for messages; and what the channel has counted.
#pragma once

#include "modem/driver/line.h"
#include "modem/driver/storages.h"

namespace pigeon::modem {

class Health {
 public:
  Health(Line& line, Storages& storages) : line_(line), storages_(storages) {}

  // What SerialModem::health() says: CSQ, registration, COPS, CPMS.
  [[nodiscard]] Result<ModemHealth> ask();
  void report_counters();  // logs the channel's noise, and a second program on the port once

 private:
  Result<Registration> registration();  // the best of CREG, CEREG and CGREG

  Line& line_;
  Storages& storages_;
  bool told_of_foreigner_ = false;
};

}  // namespace pigeon::modem
