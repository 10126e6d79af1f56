// What `pigeon help` prints, made from the table of commands; at most 80 columns wide.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace pigeon::cli {

// Every command with a line, the options, the exit statuses, and where to begin. With `group` ("quarantine")
// its commands alone.
[[nodiscard]] std::string help_on_all(std::span<const Command> table, std::string_view group, bool colour);
// One command: usage, arguments, options, examples, exit statuses, and what comes next.
[[nodiscard]] std::string help_on(const Command& command, bool colour);
// The table for machines: man pages and completions are held to it.
[[nodiscard]] std::string help_as_json(std::span<const Command> table);

}  // namespace pigeon::cli
