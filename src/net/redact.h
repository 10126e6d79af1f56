// Takes secrets out of words that came from a server, which may quote what we sent it, before they reach a
// log, a page or an SMS.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace pigeon::net {

// `text` with every occurrence of each secret replaced by "[secret]", controls escaped, at most 300 bytes.
[[nodiscard]] std::string redact(std::string_view text, std::initializer_list<std::string_view> secrets);

}  // namespace pigeon::net
