// The coding groups of TP-DCS; see dcs.h.
#include "modem/sms/dcs.h"

namespace pigeon::modem {
namespace {

// Groups 00xx (general) and 01xx (marked for automatic deletion): bit 5 compressed, bit 4 says whether bits
// 1–0 are a class, bits 3–2 the alphabet.
DataCodingScheme parse_general(std::uint8_t dcs) {
  DataCodingScheme scheme;
  scheme.compressed = (dcs & 0x20) != 0;
  if ((dcs & 0x10) != 0) scheme.message_class = dcs & 0x03;
  const int alphabet = (dcs >> 2) & 0x03;
  if (alphabet == 1) scheme.alphabet = Alphabet::octets;
  if (alphabet == 2) scheme.alphabet = Alphabet::ucs2;
  return scheme;
}

// Group 1111: bit 2 the alphabet, bits 1–0 the class.
DataCodingScheme parse_data_and_class(std::uint8_t dcs) {
  DataCodingScheme scheme;
  scheme.message_class = dcs & 0x03;
  if ((dcs & 0x04) != 0) scheme.alphabet = Alphabet::octets;
  return scheme;
}

}  // namespace

DataCodingScheme parse_dcs(std::uint8_t dcs) {
  const int group = dcs >> 4;
  if (group < 0x8) return parse_general(dcs);
  if (group == 0xE) return {.alphabet = Alphabet::ucs2, .compressed = false, .message_class = std::nullopt};
  if (group == 0xF) return parse_data_and_class(dcs);
  return {};  // 1000…1011 reserved; 1100 and 1101 message waiting in GSM 7-bit
}

}  // namespace pigeon::modem
