// Reading what stands on and about the card; see sim_values.h.
#include "modem/at/sim_values.h"

#include <algorithm>
#include <array>

#include "modem/at/at_values.h"

namespace pigeon::modem {
namespace {

constexpr std::size_t kFewestDigits = 18;
constexpr std::size_t kMostDigits = 20;
constexpr int kMostTries = 10;

constexpr std::array kPinTries = {
    PinTriesQuestion{"AT+CPINR=\"SIM PIN\"", "SIM PIN", 1},
    PinTriesQuestion{"AT^CPIN?", "", 3},
    PinTriesQuestion{"AT+QPINC=\"SC\"", "SC", 1},
    PinTriesQuestion{"AT+SPIC", "", 0},
    PinTriesQuestion{"AT#PCT", "", 0},
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The card holds two digits an octet, the second one first.
std::string swapped(std::string digits) {
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) std::swap(digits[i], digits[i + 1]);
  return digits;
}

std::string without_filling(std::string text) {
  while (!text.empty() && (text.back() == 'F' || text.back() == 'f')) text.pop_back();
  return text;
}

std::string as_iccid(const std::string& digits) {
  const bool fits = digits.size() >= kFewestDigits && digits.size() <= kMostDigits &&
                    std::all_of(digits.begin(), digits.end(), is_digit);
  return fits ? digits : std::string();
}

}  // namespace

std::string parse_iccid(const Answer& answer) {
  for (const AnswerLine& line : answer.lines) {
    std::string number = fields_of(line.text).back();
    // Every card's number begins with 89, telecommunications.
    if (number.starts_with("98")) number = swapped(std::move(number));
    if (std::string found = as_iccid(without_filling(std::move(number))); !found.empty()) return found;
  }
  return {};
}

std::string parse_iccid_file(const Answer& answer) {
  const auto fields = fields_of(answer.text());
  if (fields.size() < 3 || to_int(fields[0]) != 144) return {};
  return as_iccid(without_filling(swapped(fields[2])));
}

std::span<const PinTriesQuestion> pin_tries_questions() {
  return kPinTries;
}

std::optional<int> parse_pin_tries(const PinTriesQuestion& question, const Answer& answer) {
  for (const AnswerLine& line : answer.lines) {
    const auto fields = fields_of(line.text);
    if (!question.code.empty() && fields[0] != question.code) continue;
    if (fields.size() <= question.field) continue;
    const auto tries = to_int(fields[question.field]);
    if (tries && *tries >= 0 && *tries <= kMostTries) return tries;
  }
  return std::nullopt;
}

}  // namespace pigeon::modem
