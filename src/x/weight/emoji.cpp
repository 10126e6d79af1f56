// Emoji sequences by ICU's properties of strings; see emoji.h.
#include "x/weight/emoji.h"

#include <unicode/uchar.h>

#include <array>
#include <cstdint>
#include <string>

namespace pigeon::x {
namespace {

constexpr char32_t kZeroWidthJoiner = 0x200D;
constexpr char32_t kEmojiPresentation = 0xFE0F;
constexpr char32_t kKeycap = 0x20E3;
// The longest in Unicode 15 is a kiss with two skin tones: 10 code points.
constexpr std::size_t kLongestSequence = 12;

bool has(char32_t c, UProperty property) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), property);
}

bool is_keycap_base(char32_t c) {
  return (c >= U'0' && c <= U'9') || c == U'#' || c == U'*';
}

bool is_tag(char32_t c) {
  return c >= 0xE0020 && c <= 0xE007F;
}

// May `c` stand behind the first code point of a sequence? Wide enough for all of TR 51 §1.4.9, settled by
// ICU.
bool may_continue(char32_t c, char32_t before) {
  if (c == kZeroWidthJoiner || c == kEmojiPresentation || c == kKeycap || is_tag(c)) return true;
  if (has(c, UCHAR_EMOJI_MODIFIER)) return true;
  if (has(c, UCHAR_REGIONAL_INDICATOR)) return has(before, UCHAR_REGIONAL_INDICATOR);
  return before == kZeroWidthJoiner && has(c, UCHAR_EMOJI);
}

// Symbols older than emoji (Unicode 6.0) may be followed by the selector of their emoji form, even those that
// need none: "⚡" as many phones write it.
bool may_select_presentation(char32_t c) {
  constexpr std::uint8_t kFirstWithEmoji = 6;
  UVersionInfo age{};
  u_charAge(static_cast<UChar32>(c), age);
  return age[0] < kFirstWithEmoji;
}

void append_utf16(std::u16string& out, char32_t c) {
  if (c > 0xFFFF) {
    out += static_cast<char16_t>(0xD7C0 + (c >> 10));
    c = 0xDC00 + (c & 0x3FF);
  }
  out += static_cast<char16_t>(c);
}

}  // namespace

std::size_t emoji_length(std::u32string_view text, std::size_t position) {
  const std::u32string_view rest = text.substr(position);
  if (rest.empty() || !has(rest[0], UCHAR_EMOJI)) return 0;
  std::u16string units;  // short enough to need no allocation most of the time
  std::array<std::size_t, kLongestSequence + 1> ends{};  // UTF-16 units of the first n code points
  std::size_t count = 0;
  while (count < rest.size() && count < kLongestSequence &&
         (count == 0 || may_continue(rest[count], rest[count - 1]))) {
    append_utf16(units, rest[count]);
    ends[++count] = units.size();
  }
  for (; count > 0; --count) {
    if (!u_stringHasBinaryProperty(units.data(), static_cast<std::int32_t>(ends[count]), UCHAR_RGI_EMOJI))
      continue;
    return count == 1 && may_select_presentation(rest[0]) && rest.substr(1).starts_with(kEmojiPresentation)
               ? 2
               : count;
  }
  return rest.size() > 1 && is_keycap_base(rest[0]) && rest[1] == kKeycap ? 2 : 0;
}

}  // namespace pigeon::x
