// Commands that have the running daemon do something: `pigeon quarantine retry|drop`, `pigeon outbox
// move|drop`, `pigeon modem pin`. They ask over the control socket, and say what became of it.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "cli/command.h"
#include "control/client.h"
#include "control/protocol.h"

namespace pigeon::cli {

// Asks the daemon of the box with this database to do something; Errc::disconnected: it was not asked. `cure`
// becomes what to do about an error, where that is known.
[[nodiscard]] Result<control::Json> ask_pigeond(const std::string& database, const std::string& command,
                                                const control::Json& body, std::string& cure,
                                                const control::Client::Line& line = {},
                                                milliseconds patience = seconds(30));
// Where the database of the box lies whose daemon is to be asked: as the configuration says, or, to a user
// who may not read it, as the defaults do. Nothing: it is wrong, which is said.
[[nodiscard]] std::optional<std::string> database_of(const Call& call);

// What the daemon says, printed already if it is to be JSON. Nothing: why is said, and the command ends with
// `status`.
[[nodiscard]] std::optional<control::Json> ask(const Call& call, const std::string& command,
                                               const control::Json& body, int& status);

int run_quarantine_retry(const Call& call);  // ID, or all
int run_quarantine_drop(const Call& call);   // the same
int run_outbox_move(const Call& call);       // ID, and the modem's name
int run_outbox_drop(const Call& call);       // ID
int run_modem_pin(const Call& call);         // --again, --modem

}  // namespace pigeon::cli
