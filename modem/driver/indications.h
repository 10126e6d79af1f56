// How the modem announces what has come (AT+CNMI, 3GPP TS 27.005 §3.4.1): the family's ladder, climbed from
// the best rung down until one takes and shows effect.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "modem/at/at_values.h"
#include "modem/driver/line.h"
#include "modem/driver/profile.h"

namespace pigeon::modem {

class Indications {
 public:
  // `modem` is the IMEI, as it is when choose() is called; empty: nothing is remembered of it.
  Indications(Line& line, const Profile& profile, const std::string& modem);

  // That no rung is accepted is no error. What is right already is not written, nor what this modem has made
  // of the ladder before.
  [[nodiscard]] Result<void> choose();
  // Reads +CNMI? and chooses again when it is not what was settled.
  [[nodiscard]] Result<void> verify();

  [[nodiscard]] const std::string& settled() const {
    return settled_;
  }  // "2,1,0,1,0"; empty: none was accepted
  [[nodiscard]] bool announces_messages() const { return !settled_.empty(); }
  [[nodiscard]] bool announces_reports() const {
    return announces_reports_;
  }  // status reports come as events

 private:
  Result<std::optional<CnmiSettings>> current();  // +CNMI?; nothing where the modem does not tell
  // `current` is not written again. Errc::busy as below.
  Result<void> climb(const std::vector<CnmiSettings>& ladder, const std::optional<CnmiSettings>& current);
  bool adopt(const CnmiSettings& effective);  // false: they announce no messages
  // True when the modem accepted `wanted`, set by `line`, and, as far as it tells, announces messages now.
  // Errc::busy: its SIM is still starting.
  Result<bool> take(const std::string& line, const CnmiSettings& wanted);

  Line& line_;
  const Profile& profile_;
  const std::string& modem_;
  std::string settled_;
  bool announces_reports_ = false;
  bool told_of_silence_ = false;  // that no message is announced
};

}  // namespace pigeon::modem
