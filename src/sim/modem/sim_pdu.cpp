// See sim_pdu.h.
#include "sim/modem/sim_pdu.h"

#include <array>

#include "base/text.h"

namespace pigeon::sim {

std::size_t tpdu_length(const modem::Octets& pdu) {
  const std::size_t address = pdu.empty() ? 0 : 1 + std::size_t{pdu[0]};
  return address <= pdu.size() ? pdu.size() - address : pdu.size();
}

bool is_status_report(const modem::Octets& pdu) {
  const std::size_t length = tpdu_length(pdu);
  return length > 0 && (pdu[pdu.size() - length] & 0x03) == 0x02;
}

std::optional<int> message_class_of(const modem::Octets& pdu) {
  const auto decoded = modem::decode_pdu(pdu, modem::Direction::to_mobile);
  if (!decoded) return std::nullopt;
  const auto* const deliver = std::get_if<modem::Deliver>(&decoded->tpdu);
  return deliver != nullptr ? deliver->user_data.message_class() : std::nullopt;
}

std::string ascii_to_ucs2_hex(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const std::array<std::uint8_t, 2> unit{0, static_cast<std::uint8_t>(c)};
    out += to_hex(unit);
  }
  return out;
}

std::optional<std::string> ucs2_hex_to_ascii(std::string_view hex) {
  const auto octets = from_hex(hex);
  if (!octets || octets->size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < octets->size(); i += 2) {
    if ((*octets)[i] != 0 || (*octets)[i + 1] >= 0x80) return std::nullopt;
    out += static_cast<char>((*octets)[i + 1]);
  }
  return out;
}

}  // namespace pigeon::sim
