// The little that a terminal adapter itself reads in a PDU, and strings as +CSCS="UCS2" wants them. Works on
// undecodable PDUs too: a modem stores and hands out what the network sent, whatever it is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "modem/sms/pdu.h"

namespace pigeon::sim {

// Octets behind the SMSC address; all of them when that address is longer than the PDU.
[[nodiscard]] std::size_t tpdu_length(const modem::Octets& pdu);
[[nodiscard]] bool is_status_report(const modem::Octets& pdu);  // TP-MTI, TS 23.040 §9.2.3.1
// 0–3 (TS 23.038 §4); nothing: none, or undecodable.
[[nodiscard]] std::optional<int> message_class_of(const modem::Octets& pdu);

// Each ASCII character as four hex digits.
[[nodiscard]] std::string ascii_to_ucs2_hex(std::string_view text);
// The way back; nothing when `hex` is not that, or holds a character beyond ASCII.
[[nodiscard]] std::optional<std::string> ucs2_hex_to_ascii(std::string_view hex);

}  // namespace pigeon::sim
