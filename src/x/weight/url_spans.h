// Finds what X takes for a URL in a post, as twitter-text does: with http:// or https://, or a bare domain
// with a known TLD. Such a URL weighs 23 however long it is.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace pigeon::x {

// Code points [begin, end).
struct UrlSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// In order, not overlapping. `text` is in NFC.
[[nodiscard]] std::vector<UrlSpan> find_urls(std::u32string_view text);

}  // namespace pigeon::x
