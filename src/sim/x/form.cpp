// Reading forms; see form.h.
#include "sim/x/form.h"

#include <cstdint>

#include "base/text.h"

namespace pigeon::sim {

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] == '%') {
      const auto octet = from_hex(text.substr(i + 1, 2));
      if (!octet || octet->empty()) return std::nullopt;
      out += static_cast<char>(octet->front());
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool constant_time_equals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned>(static_cast<std::uint8_t>(a[i]) ^ static_cast<std::uint8_t>(b[i]));
  }
  return difference == 0;
}

}  // namespace pigeon::sim
