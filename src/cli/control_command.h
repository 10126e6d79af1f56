// Commands that have the running daemon do something: what is asked over the control socket, and what became
// of it in words.
#pragma once

#include <iosfwd>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "control/protocol.h"

namespace pigeon::cli {

struct ControlCommand {
  std::string name;                              // "quarantine.retry"; empty: none
  control::Json body = control::Json::object();  // what it is to be done with
};

// Asks the daemon of the box with this database. The error's words name the cure: pigeond does not run, this
// user may not, and what pigeond itself says.
[[nodiscard]] Result<control::Json> ask_pigeond(const std::string& database, const ControlCommand& command,
                                                milliseconds patience = seconds(30));

// Asks, and says what became of it, as the daemon's JSON object if asked for. The exit status: 0 it is done,
// 1 it is not, or something is still wrong, 2 there is nothing of that name or number.
[[nodiscard]] int run_control(const std::string& database, const ControlCommand& command, bool json,
                              std::ostream& out, std::ostream& err);

}  // namespace pigeon::cli
