// The GSM 7-bit default alphabet with its extension and the national language shift tables (3GPP TS 23.038
// §6.2.1 and Annex A), and the packing of septets into octets (§6.1.2.1). Pure; TP-UD, alphanumeric addresses
// and USSD strings are all made of it.
//
//   septets  a b c …   →   octets  b0 a6…a0 | c1 c0 b6…b1 | …       (first septet in the lowest bits)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "modem/sms/octets.h"

namespace pigeon::modem {

inline constexpr std::uint8_t kEscapeSeptet =
    0x1B;  // the next septet is of the extension or single shift table

// Takes `count` septets out of `packed`, behind `fill_bits` (0…6) bits that align a user data header.
// The caller makes sure that `packed` holds fill_bits + 7·count bits.
[[nodiscard]] Octets unpack_septets(std::span<const std::uint8_t> packed, std::size_t count,
                                    unsigned fill_bits = 0);
// Appends `septets` (each below 0x80) packed, behind `fill_bits` zero bits; spare bits at the end are zero.
void pack_septets(Octets& out, std::span<const std::uint8_t> septets, unsigned fill_bits = 0);
// Whether every octet is below 0x80.
[[nodiscard]] bool are_septets(std::span<const std::uint8_t> octets);

// Which tables a text uses: national language identifiers of §6.2.1.2.4 (0: the default alphabet, 13: Urdu).
struct Gsm7Tables {
  std::uint8_t locking_shift = 0;
  std::uint8_t single_shift = 0;
};

// True for an identifier that names a table; others are reserved and must be ignored (§6.2.1.2.4).
[[nodiscard]] bool has_locking_table(std::uint8_t language);
// The same for the extension that a single shift reaches.
[[nodiscard]] bool has_single_shift_table(std::uint8_t language);

// The character of one table position, nothing where it is unassigned. Septets above 0x7F and reserved
// languages have no characters.
[[nodiscard]] std::optional<char32_t> locking_character(std::uint8_t language, std::uint8_t septet);
// The same for the position behind an escape.
[[nodiscard]] std::optional<char32_t> single_shift_character(std::uint8_t language, std::uint8_t septet);

// Appends septets as UTF-8. `escaped` carries an escape septet at the end of one call over to the next,
// because the parts of a long message may be cut there; finish_gsm7 ends the text. An extension position
// without a character shows the basic table's (§6.2.1.1), an escape behind an escape and an unassigned basic
// position a space.
void append_gsm7(std::string& out, std::span<const std::uint8_t> septets, Gsm7Tables tables, bool& escaped);
// An escape with nothing behind it shows as a space.
void finish_gsm7(std::string& out, bool& escaped);

// A whole text, or nothing when the default alphabet lacks a character of it. The caller passes valid UTF-8.
[[nodiscard]] std::optional<Octets> encode_gsm7(std::string_view utf8);

}  // namespace pigeon::modem
