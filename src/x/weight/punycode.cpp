// The Punycode encoder of RFC 3492 §6.3, counting digits instead of writing them.
#include "x/weight/punycode.h"

#include <algorithm>
#include <cstdint>

namespace pigeon::x {
namespace {

constexpr std::uint64_t kBase = 36;
constexpr std::uint64_t kTMin = 1;
constexpr std::uint64_t kTMax = 26;
constexpr std::uint64_t kSkew = 38;
constexpr std::uint64_t kDamp = 700;
constexpr std::uint64_t kInitialBias = 72;
constexpr std::size_t kMaxCounted = 63;

// §6.1.
std::uint64_t adapt(std::uint64_t delta, std::uint64_t points, bool first) {
  delta = first ? delta / kDamp : delta / 2;
  delta += delta / points;
  std::uint64_t k = 0;
  while (delta > ((kBase - kTMin) * kTMax) / 2) {
    delta /= kBase - kTMin;
    k += kBase;
  }
  return k + (kBase - kTMin + 1) * delta / (delta + kSkew);
}

// Digits of the variable-length integer `value` (§3.3).
std::size_t digits(std::uint64_t value, std::uint64_t bias) {
  std::size_t count = 1;
  for (std::uint64_t k = kBase;; k += kBase, ++count) {
    const std::uint64_t threshold = k <= bias ? kTMin : std::min(k - bias, kTMax);
    if (value < threshold) return count;
    value = (value - threshold) / (kBase - threshold);
  }
}

}  // namespace

std::size_t ascii_label_length(std::u32string_view label) {
  const auto basic = static_cast<std::size_t>(
      std::count_if(label.begin(), label.end(), [](char32_t c) { return c < 0x80; }));
  if (basic == label.size() || label.size() > kMaxCounted) return label.size();
  std::size_t length = 4 + basic + (basic > 0 ? 1 : 0);  // "xn--", the basic code points, their delimiter
  std::uint64_t next = 0x80;
  std::uint64_t delta = 0;
  std::uint64_t bias = kInitialBias;
  for (std::size_t handled = basic; handled < label.size(); ++delta, ++next) {
    std::uint64_t smallest = 0x110000;
    for (const char32_t c : label) {
      if (c >= next) smallest = std::min<std::uint64_t>(smallest, c);
    }
    delta += (smallest - next) * (handled + 1);
    next = smallest;
    for (const char32_t c : label) {
      if (c < next) ++delta;
      if (c != next) continue;
      length += digits(delta, bias);
      bias = adapt(delta, handled + 1, handled == basic);
      delta = 0;
      ++handled;
    }
  }
  return length;
}

}  // namespace pigeon::x
