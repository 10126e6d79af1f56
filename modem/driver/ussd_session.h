// Asking the network by USSD (3GPP TS 27.007 §7.15), in the form that this modem takes. What the network says
// comes as an event.
#pragma once

#include <optional>
#include <string>

#include "modem/at/ussd.h"
#include "modem/driver/line.h"
#include "modem/driver/profile.h"

namespace pigeon::modem {

class UssdSession {
 public:
  UssdSession(Line& line, const Profile& profile) : line_(line), profile_(profile) {}

  // What SerialModem says of its request_ussd() and end_ussd().
  [[nodiscard]] Result<void> request(const std::string& text);
  [[nodiscard]] Result<void> end() { return line_.attempt("AT+CUSD=2"); }

 private:
  Line& line_;
  const Profile& profile_;
  std::optional<UssdForm> form_;  // that this modem has taken
};

}  // namespace pigeon::modem
