// A post's text as X looks at it: in Normalization Form C, a code point at a time. Lengths and comparisons
// both start from here.
#pragma once

#include <string>
#include <string_view>

namespace pigeon::x {

// Code points of `text`, which is valid UTF-8, in NFC (Unicode Standard Annex 15). std::runtime_error when
// ICU has no data.
[[nodiscard]] std::u32string to_nfc(std::string_view text);

}  // namespace pigeon::x
