// The tables of 3GPP TS 23.038 §6.2.1 and Annex A as code points. Private to gsm7.cpp and its tests' subject.
#pragma once

#include <array>
#include <cstdint>

namespace pigeon::modem {

// Indexed by septet; 0 where the position is unassigned (no table contains U+0000).
using SeptetTable = std::array<char16_t, 128>;

inline constexpr std::size_t kLanguages = 14;  // identifiers 0 (default) … 13 (Urdu), §6.2.1.2.4

// nullptr where the standard defines no such table.
extern const std::array<const SeptetTable*, kLanguages> kLockingTables;
extern const std::array<const SeptetTable*, kLanguages> kSingleShiftTables;

// The way back for the default alphabet: U+0000 to U+00FF to its septet, with kBehindEscape set for the
// extension.
inline constexpr std::uint8_t kBehindEscape = 0x80;
inline constexpr std::uint8_t kNoSeptet = 0xFF;
extern const std::array<std::uint8_t, 256> kLatin1Septets;

}  // namespace pigeon::modem
