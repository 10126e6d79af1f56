// Takes secrets out of words that came from a server, which may quote what we sent it, before they reach a
// log, a page or an SMS.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pigeon::net {

// `text` with every occurrence of each secret replaced by "[secret]", also in the forms in which it was sent
// (percent-encoded, base64 of either alphabet); then controls are escaped, and only then it is cut to 300
// bytes and "…".
// For HTTP Basic the pair "id:secret" is a secret of its own. Empty ones are none.
[[nodiscard]] std::string redact(std::string_view text, const std::vector<std::string_view>& secrets);

}  // namespace pigeon::net
