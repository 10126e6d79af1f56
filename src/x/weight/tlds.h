// The top-level domains that twitter-text knows, country codes and generic ones, ASCII and internationalised.
// X counts a bare name such as "example.com" as a URL only when it ends in one of them.
#pragma once

#include <cstddef>
#include <string_view>

namespace pigeon::x {

// How many code points of `text` (from its start) are the longest known TLD, any case, that is not followed
// by an ASCII letter or digit, '@', '+' or '-'; 0: none. "xn--…" counts as one whatever it stands for.
[[nodiscard]] std::size_t tld_length(std::u32string_view text);

}  // namespace pigeon::x
