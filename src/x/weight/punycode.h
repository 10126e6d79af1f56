// The length of a domain name's label once it is written in ASCII (RFC 3492, "xn--…"): DNS allows 63 octets,
// and X takes nothing longer for a URL.
#pragma once

#include <cstddef>
#include <string_view>

namespace pigeon::x {

// Octets of `label` in its ASCII form: as it is when it is ASCII, else "xn--" and its Punycode. Of a label
// with more than 63 code points only that it is too long: their number.
[[nodiscard]] std::size_t ascii_label_length(std::u32string_view label);

}  // namespace pigeon::x
