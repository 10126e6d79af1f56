// `pigeon modem selftest`: texts the box's own number and says how long the text took to come back, which
// finds a receiver that is dead although the modem answers AT; by the running daemon, or, where none runs, by
// this program.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/command.h"
#include "net/json.h"

namespace pigeon::cli {

// Ends with kWrong when the text was not sent, did not come back, or came from another number.
[[nodiscard]] int run_modem_selftest(const Call& call);

// Tells what became of it: an answer of modem.selftest (daemon/control_commands.h), or why there is none.
// `number` is the box's own, or empty where this user may not know it.
[[nodiscard]] int tell_selftest(const Call& call, const Result<nlohmann::json>& answer,
                                const std::string& number, const std::string& cure = {});

}  // namespace pigeon::cli
