// Short messages as JSON objects, the form `pigeon pdu` reads and writes; pdu_command.h describes the fields.
// Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "modem/sms/pdu.h"

namespace pigeon::cli {

using Json = nlohmann::ordered_json;  // keys in the order in which they were added

// For people and programs, indented; octets that are no UTF-8 (a modem's, a stranger's) become U+FFFD.
[[nodiscard]] std::string dumped(const Json& json);

// A DELIVER, SUBMIT or STATUS-REPORT. Where its text does not decode, "error" says why instead of "text".
// Errc::unsupported for the other TPDUs.
[[nodiscard]] Result<Json> json_from_pdu(const modem::Pdu& pdu);

// The same for octets with an SMSC address in front or (where that does not decode) a bare TPDU; the error
// says where they break.
[[nodiscard]] Result<Json> json_from_octets(const modem::Octets& octets);

// The message as PDUs: one, or the parts of a text too long for one, which get `reference` and count it up.
// Errc::bad_input names the key that is unknown, missing or impossible.
[[nodiscard]] Result<std::vector<modem::Pdu>> pdus_from_json(const Json& message, std::uint8_t& reference);

}  // namespace pigeon::cli
