// The options of the commands that the running daemon carries out, as CLI11 wants them.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/control_command.h"

namespace pigeon::cli {

// The subcommand of this name; made if nobody has made it yet.
CLI::App* command_of(CLI::App& parent, const std::string& name, const std::string& description);

// Adds `quarantine retry|drop`, `outbox move|drop` and `modem pin` to `cli`, beside what is there. What was
// asked for stands in the result when `cli` has parsed its line: a name that is empty is none of them.
[[nodiscard]] std::shared_ptr<ControlCommand> add_control_commands(CLI::App& cli);

}  // namespace pigeon::cli
