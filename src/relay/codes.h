// Whether a whole message is a code and nothing else. Whoever texts digits as they stand on a page may have
// taken them for a code, and a code that is posted lets everybody who reads it link a phone: so what looks
// like one is never posted, from any phone, in any state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pigeon::relay {

// The digits, as "0" to "9", of a message (UTF-8) of six to eight of them, in any script, with nothing beside
// them but the words LINK, PIN and CODE, blanks, dashes, punctuation and signs. Pure.
[[nodiscard]] std::optional<std::string> code_in(std::string_view message);

}  // namespace pigeon::relay
