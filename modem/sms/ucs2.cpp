// UTF-16 to UTF-8 and back; see ucs2.h.
#include "modem/sms/ucs2.h"

#include "base/text.h"

namespace pigeon::modem {
namespace {

constexpr char32_t kFirstHighSurrogate = 0xD800;
constexpr char32_t kFirstLowSurrogate = 0xDC00;
constexpr char32_t kSurrogatesEnd = 0xE000;

bool is_high_surrogate(char32_t unit) {
  return unit >= kFirstHighSurrogate && unit < kFirstLowSurrogate;
}
bool is_low_surrogate(char32_t unit) {
  return unit >= kFirstLowSurrogate && unit < kSurrogatesEnd;
}

void append_unit(Octets& out, char32_t unit) {
  out.push_back(static_cast<std::uint8_t>(unit >> 8));
  out.push_back(static_cast<std::uint8_t>(unit & 0xFF));
}

}  // namespace

Result<std::string> decode_utf16(std::span<const std::uint8_t> octets) {
  if (octets.size() % 2 != 0) {
    return fail(Errc::bad_input, "UCS-2 text: odd length of " + std::to_string(octets.size()) + " octets");
  }
  const auto unit_at = [&](std::size_t i) {
    return (static_cast<char32_t>(octets[i]) << 8) | static_cast<char32_t>(octets[i + 1]);
  };
  std::string text;
  text.reserve(octets.size() * 3 / 2);
  for (std::size_t i = 0; i < octets.size(); i += 2) {
    char32_t unit = unit_at(i);
    if (is_high_surrogate(unit) && i + 2 < octets.size() && is_low_surrogate(unit_at(i + 2))) {
      i += 2;
      unit = 0x10000 + ((unit - kFirstHighSurrogate) << 10) + (unit_at(i) - kFirstLowSurrogate);
    } else if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
      unit = 0xFFFD;  // the rest of the text is worth having
    }
    append_utf8(text, unit);
  }
  return text;
}

void encode_utf16(Octets& out, char32_t code_point) {
  if (code_point < 0x10000) {
    append_unit(out, code_point);
    return;
  }
  const char32_t offset = code_point - 0x10000;
  append_unit(out, kFirstHighSurrogate + (offset >> 10));
  append_unit(out, kFirstLowSurrogate + (offset & 0x3FF));
}

}  // namespace pigeon::modem
