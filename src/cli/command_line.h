// Reading pigeon's command line against the table of commands. What is not known is answered with the word
// that was meant. Pure.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace pigeon::cli {

// What is wrong with a command line, and what to do.
struct Misuse {
  std::string what;
  std::string cure;
};

struct CommandLine {
  const Command* command = nullptr;  // null: none was named
  std::string group{};               // "quarantine": only the first of two words was given
  bool help = false;                 // about the command, the group or all
  bool version = false;
  bool json = false;
  std::string config_path{};  // empty: not given
  std::vector<std::string> arguments{};
  std::map<std::string, std::string, std::less<>> options{};
  std::optional<Misuse> misuse{};
};

// `words` without the program's name. Options may stand anywhere behind the name of the command they belong
// to, and the common ones before it too; what stands behind "--" is no option.
[[nodiscard]] CommandLine read_command_line(std::span<const Command> table,
                                            std::span<const std::string> words);

}  // namespace pigeon::cli
