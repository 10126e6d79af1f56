// What modems say about the card, each family in words of its own: its number and the tries that its PIN has
// left. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "modem/at/at_dialogue.h"

namespace pigeon::modem {

// The number of a card (ITU-T E.118) as 18 to 20 digits, or empty: of AT+CCID, AT^ICCID?, AT+QCCID and the
// like, with or without their name, quotes and filling F, in the card's order of digits or in ours.
[[nodiscard]] std::string parse_iccid(const Answer& answer);
// The same out of the file that holds it: the answer to AT+CRSM=176,12258,0,0,10.
[[nodiscard]] std::string parse_iccid_file(const Answer& answer);

// A command that tells how many tries the PIN has left, and where in its answer.
struct PinTriesQuestion {
  std::string_view line;  // "AT+CPINR=\"SIM PIN\""
  std::string_view code;  // what the answer's first field says, or empty
  std::size_t field = 0;  // of the first line whose first field is right
};
// The standard's first (TS 27.007 §8.65), then Huawei's, Quectel's, SIMCom's and Telit's.
[[nodiscard]] std::span<const PinTriesQuestion> pin_tries_questions();
// Nothing when the answer does not tell.
[[nodiscard]] std::optional<int> parse_pin_tries(const PinTriesQuestion& question, const Answer& answer);

}  // namespace pigeon::modem
