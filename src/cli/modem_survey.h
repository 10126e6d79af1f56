// Which ports of this box could be a modem, and which are one: what the kernel shows
// (modem/driver/candidates.h), what is configured, who holds a port, and, where nobody does and no daemon
// looks itself, whether it answers AT.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "modem/driver/candidates.h"
#include "modem/port/port_holder.h"
#include "modem/port/serial_port.h"
#include "store/modem_states.h"

namespace pigeon::cli {

struct SurveyedPort {
  modem::Candidate candidate;  // of a port that is not on USB: the device alone
  std::string modem;           // the [[modem]] that it belongs to, as far as can be told
  bool usable = false;
  std::optional<modem::Cause> cause;  // why it is not; nothing beside `words` where only these say it
  std::string words;                  // what it is, a sentence without a full stop
  std::optional<modem::PortHolder> holder;
};

struct ModemSurvey {
  bool daemon_running = false;
  std::vector<SurveyedPort> ports;
  // Modems that are configured and that no usable port above belongs to: name, and what the daemon says.
  struct Missing {
    std::string name, url, words;
  };
  std::vector<Missing> missing;
  [[nodiscard]] int usable() const;
  [[nodiscard]] bool fine() const { return usable() > 0 && missing.empty(); }
};

struct Surroundings {
  modem::UsbTree usb;
  std::vector<ModemConfig> modems;
  bool daemon_running = false;
  bool daemon_listens = false;             // so it runs, although this user may not see that it does
  std::string daemon_program = "pigeond";  // as the kernel calls it
  std::vector<store::ModemState> states;   // what the running daemon last wrote down
  // Whether a modem answers AT there; called for ports that nobody holds, without a daemon only.
  std::function<Result<void>(const modem::PortAddress&)> ask;
  // Whether pigeond could open it, or this user.
  std::function<bool(const std::string& device)> may_open;
};

[[nodiscard]] ModemSurvey survey_modems(const Surroundings& surroundings);

}  // namespace pigeon::cli
