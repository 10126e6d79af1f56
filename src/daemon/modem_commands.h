// What `pigeon modem` has a modem's thread do while the daemon runs; see control_commands.h for the commands.
#pragma once

#include <string>

#include "base/result.h"
#include "control/server.h"
#include "daemon/control_commands.h"

namespace pigeon::daemon {

// The modem that the request names; where it names none, the only one there is. Errc::bad_input: which?
[[nodiscard]] Result<std::string> modem_in(const ControlDesk& desk, const control::Request& request);

void add_modem_handlers(const ControlDesk& desk, control::Server::Handlers& handlers);

}  // namespace pigeon::daemon
