// What twitter-text calls a valid tweet: the yardstick of its conformance files and of npm's package. The
// product refuses by length and leaves the rest to X.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "x/weight/weighted_length.h"

namespace pigeon::x {

// Not empty, at most 280, no character that X forbids (U+FFFE, U+FEFF, U+FFFF). `text` is valid UTF-8.
[[nodiscard]] inline bool is_valid_post(std::string_view text) {
  constexpr std::array<char32_t, 3> kForbidden = {0xFFFE, 0xFEFF, 0xFFFF};
  const std::size_t weight = weighted_length(text);
  if (weight == 0 || weight > kMaxWeightedLength) return false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (std::find(kForbidden.begin(), kForbidden.end(), c) != kForbidden.end()) return false;
  }
  return true;
}

}  // namespace pigeon::x
