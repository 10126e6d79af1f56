// The commands of `pigeon` as data: a row says what a command is called, what it takes, when it helps and
// which function it is. Reading a command line (command_line.h), help (help.h) and whatever is derived from
// them ask the rows, so that a new command is a row and a function.
#pragma once

#include <iosfwd>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pigeon::cli {

// What a command ends with.
inline constexpr int kFine = 0;
inline constexpr int kWrong = 1;  // something is wrong with the box
inline constexpr int kUsage = 2;  // with the command line, or the configuration

inline constexpr std::size_t kWidth = 80;  // columns of a terminal

// One use of a command. The streams are borrowed.
struct Call {
  std::string config_path;
  bool json = false;
  bool colour = false;                                        // `out` is a terminal whose owner likes colour
  std::vector<std::string> arguments;                         // as many as the row asks for
  std::map<std::string, std::string, std::less<>> options{};  // the row's: "--force" → "", "--wait" → "20"
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  [[nodiscard]] bool has(std::string_view option) const { return options.contains(option); }
};

struct Argument {
  std::string_view name;  // "ID"
  std::string_view what;
  enum class Count { one, at_most_one, any } count = Count::one;  // the last two only at the end
};

struct Option {
  std::string_view name;   // "--wait"
  std::string_view value;  // "SECONDS"; empty: a switch
  std::string_view what;
  bool is_needed = false;  // the command does nothing without it
};

struct Example {
  std::string_view line;  // "pigeon quarantine show 7"
  std::string_view what;
};

struct Command {
  std::string_view name;  // one word or two: "status", "quarantine show"
  std::string_view what;  // in a list of commands, at most 50 columns
  std::vector<Argument> arguments{};
  std::vector<Option> options{};
  std::vector<Example> examples{};
  std::string_view wrong{};  // when it ends with 1
  std::string_view next{};   // what to do after it, a sentence
  int (*run)(const Call&) = nullptr;
};

// Every command, in the order in which help lists them; static (command_table.cpp).
[[nodiscard]] std::span<const Command> commands();

// The options that every command takes.
[[nodiscard]] std::span<const Option> common_options();

}  // namespace pigeon::cli
