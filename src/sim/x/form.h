// The server's side of forms and credentials: reading what clients send (the gateway only writes them).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pigeon::sim {

// RFC 3986 §2.1; nothing when an escape is malformed. In a form (WHATWG URL §5.1) a plus is a space.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

// Compares without a timing difference; for secrets.
[[nodiscard]] bool constant_time_equals(std::string_view a, std::string_view b);

}  // namespace pigeon::sim
