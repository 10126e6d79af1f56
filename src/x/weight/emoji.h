// Where an emoji ends: X counts a whole sequence (a family, a flag, a keycap, a skin tone) as one character
// of weight 2.
#pragma once

#include <cstddef>
#include <string_view>

namespace pigeon::x {

// Code points of the longest emoji sequence recommended for interchange (Unicode TR 51, RGI_Emoji) that
// starts at `position` of `text`; 0 when none does. A keycap without its variation selector counts too, as it
// does at X.
[[nodiscard]] std::size_t emoji_length(std::u32string_view text, std::size_t position);

}  // namespace pigeon::x
