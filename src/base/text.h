// Small pure helpers on UTF-8 and ASCII text that more than one room needs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pigeon {

[[nodiscard]] std::string_view trim(std::string_view text);    // ASCII white space on both ends
[[nodiscard]] std::string ascii_lower(std::string_view text);  // A–Z only: other letters stay
// Equal but for the case of A–Z.
[[nodiscard]] bool ascii_iequals(std::string_view a, std::string_view b);

// Control characters (C0, DEL and C1) as "\n", "\x1b", "\x9b"; for anything foreign that reaches a log or a
// terminal.
[[nodiscard]] std::string escape_controls(std::string_view text);
[[nodiscard]] std::string escape_html(std::string_view text);  // & < > " '
// RFC 3986 §2.3: everything but unreserved characters as %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);

// Two upper-case digits an octet.
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> octets);
// Any case; nothing for an odd length or another character.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_hex(std::string_view hex);

// RFC 4648 §5: URL-safe, no padding.
[[nodiscard]] std::string base64url(std::span<const std::uint8_t> octets);
// RFC 4648 §4: with "+", "/" and padding.
[[nodiscard]] std::string base64(std::span<const std::uint8_t> octets);

// RFC 3629 §4: overlong forms, surrogates and what lies above U+10FFFF are invalid.
[[nodiscard]] bool is_valid_utf8(std::string_view text);
// Appends one code point as UTF-8; the caller passes a scalar value (no surrogates).
void append_utf8(std::string& out, char32_t code_point);
// Decodes the code point at `position` of valid UTF-8 and advances it.
[[nodiscard]] char32_t next_code_point(std::string_view text, std::size_t& position);
// At most `limit` bytes of `text`, cut between code points, with "…" when cut.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t limit);

// "+4915123456789" → "+4915…789".
[[nodiscard]] std::string mask_number(std::string_view phone_number);

}  // namespace pigeon
