// X's weighted length of a post (twitter-text configuration v3): NFC first, 280 at most; code points 0–4351,
// 8192–8205, 8208–8223 and 8242–8247 weigh 1, others 2, an emoji sequence 2, a URL 23 however long it is.
#pragma once

#include <cstddef>
#include <string_view>

namespace pigeon::x {

inline constexpr std::size_t kMaxWeightedLength = 280;

// `text` is valid UTF-8.
[[nodiscard]] std::size_t weighted_length(std::string_view text);

}  // namespace pigeon::x
