// A command that a person types, before it is given to a modem that a driver relies on: whether it could cost
// texts, money or the SIM.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace pigeon::modem {

class AtChannel;

// "AT+CSQ" of " at+csq", "csq" or "+CSQ"; what stands in quotation marks keeps its case. Errc::bad_input:
// nothing, or a control character in it, or too long for a command line.
[[nodiscard]] Result<std::string> raw_command(std::string_view typed);

// Why a raw_command() must not be given to a modem by the way; empty: it only reads, or sets what the driver
// does not need. What is not known to be harmless counts as harm: several commands in a line, dialling,
// everything that sets indications, storages, alphabets, the radio, PINs or the line itself, and all that
// sends or deletes.
[[nodiscard]] std::string_view harm_of(std::string_view command);

// What the modem said to one.
struct RawAnswer {
  std::vector<std::string> lines;  // as they came, PDUs included; unsolicited codes are not among them
  std::string result;              // "OK", "ERROR", "+CMS ERROR: 321"
  bool ok = false;
};

// Gives a raw_command() to the modem as it is. A refusal is an answer; errors as AtChannel::ask's.
[[nodiscard]] Result<RawAnswer> ask_raw(AtChannel& channel, const std::string& command, milliseconds timeout);

}  // namespace pigeon::modem
