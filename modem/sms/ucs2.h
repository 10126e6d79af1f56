// UCS-2 as SMS uses it: big-endian UTF-16 (3GPP TS 23.038 §6.2.3; phones send emoji as surrogate pairs).
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "modem/sms/octets.h"

namespace pigeon::modem {

// Big-endian UTF-16 to UTF-8; a surrogate without its other half becomes U+FFFD. Errc::bad_input: an odd
// length.
[[nodiscard]] Result<std::string> decode_utf16(std::span<const std::uint8_t> octets);

// Octets `code_point` takes: 2, or 4 outside the basic plane.
[[nodiscard]] constexpr std::size_t utf16_length(char32_t code_point) {
  return code_point < 0x10000 ? 2 : 4;
}
// Appends one scalar value.
void encode_utf16(Octets& out, char32_t code_point);

}  // namespace pigeon::modem
