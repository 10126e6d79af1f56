// `pigeon modem at COMMAND`: one AT command, by the running daemon in its modem's turn, or, where none runs,
// on the port itself.
#pragma once

#include "cli/command.h"

namespace pigeon::cli {

// Prints every line of the answer and its result. Ends with kWrong when the modem refuses, or nobody answers;
// with kUsage without --force for what may harm.
int run_modem_at(const Call& call);

}  // namespace pigeon::cli
