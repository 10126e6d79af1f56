// Look-up in the generated table of TLDs; see tlds.h.
#include "x/weight/tlds.h"

#include <unicode/uchar.h>

#include <array>
#include <cstdint>
#include <string>

#include "base/text.h"

namespace pigeon::x {
namespace {

#include "x/weight/tlds.inc"

constexpr std::size_t kLongestTld = 18;  // code points

bool is_known(std::string_view tld) {
  std::size_t low = 0;
  std::size_t high = kTldStart.size() - 1;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const std::string_view entry(kTldText + kTldStart[middle],
                                 static_cast<std::size_t>(kTldStart[middle + 1] - kTldStart[middle]));
    const int order = entry.compare(tld);
    if (order == 0) return true;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

bool is_ascii_alphanumeric(char32_t c) {
  return (c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}

bool may_follow(char32_t c) {
  return !is_ascii_alphanumeric(c) && c != U'@' && c != U'+' && c != U'-';
}

char32_t fold(char32_t c) {
  return static_cast<char32_t>(u_foldCase(static_cast<UChar32>(c), U_FOLD_CASE_DEFAULT));
}

std::size_t punycode_tld_length(std::u32string_view text) {
  constexpr std::u32string_view kPrefix = U"xn--";
  std::size_t end = 0;
  while (end < text.size() && (is_ascii_alphanumeric(text[end]) || text[end] == U'-')) ++end;
  if (end <= kPrefix.size()) return 0;
  for (std::size_t i = 0; i < kPrefix.size(); ++i) {
    if (fold(text[i]) != kPrefix[i]) return 0;
  }
  return end;
}

}  // namespace

std::size_t tld_length(std::u32string_view text) {
  std::string folded;
  std::array<std::size_t, kLongestTld + 1> octets{};  // of the first n code points
  std::size_t count = 0;
  while (count < kLongestTld && count < text.size() && text[count] != U'.') {
    append_utf8(folded, fold(text[count]));
    octets[++count] = folded.size();
  }
  for (; count > 0; --count) {
    const bool ends = count == text.size() || may_follow(text[count]);
    if (ends && is_known(std::string_view(folded).substr(0, octets[count]))) return count;
  }
  return punycode_tld_length(text);
}

}  // namespace pigeon::x
