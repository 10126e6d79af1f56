// What the commands of `pigeon` have in common: complaints with a cure, colour, the configuration.
#pragma once

#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/command.h"
#include "config/config.h"

namespace pigeon::cli {

// Whether standard output is a terminal that shows colours, and NO_COLOR does not forbid them.
[[nodiscard]] bool wants_colour();

// "pigeon: …" and, behind an arrow, the cure (empty: none), at most 80 columns; returns `status`.
int complain(std::ostream& err, const std::string& what, std::string_view cure, int status);
// The same on `call.err`; with --json also as {"error": {"code", "message", "cure"}} on `call.out`, where a
// machine looks. `code`: "usage", "configuration", or a word of control::word_of().
int complain(const Call& call, std::string_view code, const std::string& what, std::string_view cure,
             int status);

// Nothing, complained of: there is none, or it is wrong; then the command ends with kUsage.
[[nodiscard]] std::optional<Config> configuration(const Call& call);

// Why the database gives no answer, complained of with what to do; the status that the command ends
// with.
int cannot_read(const Call& call, const Config& config, const Error& error);

// The exit status of a whole command line.
[[nodiscard]] int run(std::span<const Command> table, std::span<const std::string> words, std::istream& in,
                      std::ostream& out, std::ostream& err);

}  // namespace pigeon::cli
