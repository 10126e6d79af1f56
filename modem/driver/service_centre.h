// The service centre that replies go by (AT+CSCA, 3GPP TS 27.005 §3.3.1): the configured one, else the SIM's.
#pragma once

#include <string>

#include "modem/driver/line.h"

namespace pigeon::modem {

class ServiceCentre {
 public:
  // `configured`: E.164, with or without its plus; empty: the SIM's is kept.
  ServiceCentre(Line& line, const std::string& configured);

  // Reads +CSCA; writes it where another one is configured. Errc::bad_input: that is no number.
  [[nodiscard]] Result<void> settle();
  // Writes the number again that settle() settled on; the modem has lost it.
  [[nodiscard]] Result<void> restore();
  [[nodiscard]] const std::string& number() const { return number_; }  // empty: none is known

 private:
  Result<void> write(const std::string& number);

  Line& line_;
  const std::string& configured_;
  std::string number_;
};

}  // namespace pigeon::modem
