// Web origins (RFC 6454): scheme, host and port, which is what browsers compare and what a CSP names.
#pragma once

#include <string>
#include <string_view>

namespace pigeon {

// "https://pigeon.example/auth/x" → "https://pigeon.example"; lower case, without the scheme's own port.
// Empty when `url` is not an http(s) URL with a host.
[[nodiscard]] std::string origin_of(std::string_view url);

}  // namespace pigeon
