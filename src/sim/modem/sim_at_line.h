// The syntax of AT command lines (ITU-T V.250 §5): one line may hold several commands, in any case, with
// spaces, as "ATE0V1", "AT+CMEE=1;+CREG=2" or "AT S0=0 &D2". Written apart from the gateway's own parser,
// which reads the other side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pigeon::sim {

struct AtCommand {
  enum class Form : std::uint8_t { execute, read, test, set };  // AT+X, AT+X?, AT+X=?, AT+X=…

  std::string name;  // upper case: "E", "&F", "S3", "D", "+CMGL", "^CURC"
  Form form = Form::execute;
  std::string arguments;  // set: behind "="; a basic command: its number, "D": what to dial
};

// What was typed up to CR, from its "AT" on: noise in front of it is not part of the command (V.250 §5.2.1).
// Empty: no command line.
[[nodiscard]] std::string_view find_command_line(std::string_view typed);

// The commands of a line behind its "AT"; nothing when the line breaks the syntax.
[[nodiscard]] std::optional<std::vector<AtCommand>> parse_at_line(std::string_view body);

// A string as an answer has it, "Vodafone" (V.250 §5.4.2.2).
[[nodiscard]] std::string in_quotes(std::string_view text);

// Comma-separated values as V.250 §5.4.2 has them: numbers, "strings" in quotes, any of them omitted.
class AtArguments {
 public:
  // What stands behind "=" of a set command.
  explicit AtArguments(std::string_view arguments);

  [[nodiscard]] std::size_t size() const { return values_.size(); }  // 0 when there are none at all
  [[nodiscard]] bool given(std::size_t position) const;              // there and not empty
  [[nodiscard]] std::string text(std::size_t position) const;        // without quotes; "" when omitted
  // `fallback` when omitted, nothing when it is no number.
  [[nodiscard]] std::optional<int> number(std::size_t position, std::optional<int> fallback = {}) const;

 private:
  std::vector<std::string> values_;
};

}  // namespace pigeon::sim
