// `pigeon modem send NUMBER TEXT`: one text by the modem, tried once, with what the network says to it; by
// the running daemon in its modem's turn, or, where none runs, by this program.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/command.h"
#include "net/json.h"

namespace pigeon::cli {

// Ends with kWrong when the text was not sent, or nobody knows whether it was; with kUsage when number or
// text cannot be.
[[nodiscard]] int run_modem_send(const Call& call);

// Tells what became of it: an answer of modem.send (daemon/control_commands.h), or why there is none. `cure`
// is what to do about an error, where that is known: then nothing was asked.
[[nodiscard]] int tell_sending(const Call& call, const Result<nlohmann::json>& answer,
                               const std::string& cure = {});

}  // namespace pigeon::cli
