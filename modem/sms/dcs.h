// TP-DCS, the data coding scheme octet of a message (3GPP TS 23.038 §4). Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "modem/sms/pdu.h"

namespace pigeon::modem {

struct DataCodingScheme {
  Alphabet alphabet = Alphabet::gsm7;  // reserved codings mean GSM 7-bit
  bool compressed = false;             // TS 23.042; TP-UDL then counts octets whatever the alphabet
  std::optional<int> message_class;    // 0 (flash) … 3
};

// Every octet means something: reserved groups are GSM 7-bit without a class (§4).
[[nodiscard]] DataCodingScheme parse_dcs(std::uint8_t dcs);

}  // namespace pigeon::modem
