// GSM 7-bit text and septet packing; see gsm7.h.
#include "modem/sms/gsm7.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/text.h"
#include "modem/sms/gsm7_tables.h"

namespace pigeon::modem {
namespace {

// Eight septets fill seven octets; both directions go by such blocks, as numbers with the first octet lowest.
constexpr unsigned kSeptetBits = 7;
constexpr std::size_t kSeptetsInBlock = 8;
constexpr std::size_t kOctetsInBlock = 7;

std::uint64_t swap_if_big_endian(std::uint64_t value) {
  return std::endian::native == std::endian::big ? __builtin_bswap64(value) : value;
}

// The first (at most eight) octets.
std::uint64_t load(std::span<const std::uint8_t> octets) {
  std::uint64_t value = 0;
  if (octets.size() >= sizeof value)
    std::memcpy(&value, octets.data(), sizeof value);
  else
    std::copy(octets.begin(), octets.end(), reinterpret_cast<std::uint8_t*>(&value));
  return swap_if_big_endian(value);
}

// Into the first (at most eight) octets.
void store(std::span<std::uint8_t> octets, std::uint64_t value) {
  value = swap_if_big_endian(value);
  if (octets.size() >= sizeof value)
    std::memcpy(octets.data(), &value, sizeof value);
  else
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&value), octets.size(), octets.begin());
}

// 56 bits, eight septets side by side, to one septet an octet: halves, quarters and eighths are moved apart.
std::uint64_t spread(std::uint64_t bits) {
  bits = (bits & 0x0000'0000'0FFF'FFFF) | (bits & 0x00FF'FFFF'F000'0000) << 4;
  bits = (bits & 0x0000'3FFF'0000'3FFF) | (bits & 0x0FFF'C000'0FFF'C000) << 2;
  return (bits & 0x007F'007F'007F'007F) | (bits & 0x3F80'3F80'3F80'3F80) << 1;
}

// The inverse of spread.
std::uint64_t squeeze(std::uint64_t septets) {
  septets = (septets & 0x007F'007F'007F'007F) | (septets & 0x7F00'7F00'7F00'7F00) >> 1;
  septets = (septets & 0x0000'3FFF'0000'3FFF) | (septets & 0x3FFF'0000'3FFF'0000) >> 2;
  return (septets & 0x0000'0000'0FFF'FFFF) | (septets & 0x0FFF'FFFF'0000'0000) >> 4;
}

// Writes a character of the basic plane at `end` and returns the new end; at most three bytes.
char* write_utf8(char* end, char16_t character) {
  const auto byte = [](unsigned value) { return static_cast<char>(static_cast<std::uint8_t>(value)); };
  if (character < 0x80) {
    *end++ = byte(character);
  } else if (character < 0x800) {
    *end++ = byte(0xC0u | character >> 6);
    *end++ = byte(0x80u | (character & 0x3Fu));
  } else {
    *end++ = byte(0xE0u | character >> 12);
    *end++ = byte(0x80u | (character >> 6 & 0x3Fu));
    *end++ = byte(0x80u | (character & 0x3Fu));
  }
  return end;
}

std::optional<char32_t> character(const SeptetTable* table, std::uint8_t septet) {
  if (table == nullptr || septet >= table->size() || (*table)[septet] == 0) return std::nullopt;
  return (*table)[septet];
}

const SeptetTable* table_of(const std::array<const SeptetTable*, kLanguages>& tables, std::uint8_t language) {
  return language < kLanguages ? tables[language] : nullptr;
}

const SeptetTable& table_or_default(const std::array<const SeptetTable*, kLanguages>& tables,
                                    std::uint8_t language) {
  const SeptetTable* table = table_of(tables, language);
  return table != nullptr ? *table : *tables[0];
}

std::uint8_t septet_of(char32_t code_point) {
  if (code_point < kLatin1Septets.size()) return kLatin1Septets[code_point];
  switch (code_point) {
    case U'Δ':
      return 0x10;
    case U'Φ':
      return 0x12;
    case U'Γ':
      return 0x13;
    case U'Λ':
      return 0x14;
    case U'Ω':
      return 0x15;
    case U'Π':
      return 0x16;
    case U'Ψ':
      return 0x17;
    case U'Σ':
      return 0x18;
    case U'Θ':
      return 0x19;
    case U'Ξ':
      return 0x1A;
    case U'€':
      return 0x65 | kBehindEscape;
    default:
      return kNoSeptet;
  }
}

}  // namespace

Octets unpack_septets(std::span<const std::uint8_t> packed, std::size_t count, unsigned fill_bits) {
  Octets septets(count);
  std::span<std::uint8_t> rest(septets);
  while (!rest.empty()) {
    store(rest, spread(load(packed) >> fill_bits));
    packed = packed.subspan(std::min(kOctetsInBlock, packed.size()));
    rest = rest.subspan(std::min(kSeptetsInBlock, rest.size()));
  }
  return septets;
}

void pack_septets(Octets& out, std::span<const std::uint8_t> septets, unsigned fill_bits) {
  const std::size_t start = out.size();
  out.resize(start + (fill_bits + septets.size() * kSeptetBits + 7) / 8);
  std::span<std::uint8_t> rest = std::span(out).subspan(start);
  std::uint64_t left_over = 0;  // the bits of the last block that begin an octet
  while (!septets.empty()) {
    const std::uint64_t bits = squeeze(load(septets)) << fill_bits | left_over;
    store(rest, bits);
    left_over = bits >> (8 * kOctetsInBlock);
    septets = septets.subspan(std::min(kSeptetsInBlock, septets.size()));
    rest = rest.subspan(std::min(kOctetsInBlock, rest.size()));
  }
  if (!rest.empty()) rest.front() = static_cast<std::uint8_t>(left_over);
}

bool are_septets(std::span<const std::uint8_t> octets) {
  std::uint64_t seen = 0;
  for (; !octets.empty(); octets = octets.subspan(std::min(kSeptetsInBlock, octets.size())))
    seen |= load(octets);
  return (seen & 0x8080'8080'8080'8080) == 0;
}

bool has_locking_table(std::uint8_t language) {
  return table_of(kLockingTables, language) != nullptr;
}

bool has_single_shift_table(std::uint8_t language) {
  return table_of(kSingleShiftTables, language) != nullptr;
}

std::optional<char32_t> locking_character(std::uint8_t language, std::uint8_t septet) {
  return character(table_of(kLockingTables, language), septet);
}

std::optional<char32_t> single_shift_character(std::uint8_t language, std::uint8_t septet) {
  return character(table_of(kSingleShiftTables, language), septet);
}

void append_gsm7(std::string& out, std::span<const std::uint8_t> septets, Gsm7Tables tables, bool& escaped) {
  const SeptetTable& basic = table_or_default(kLockingTables, tables.locking_shift);
  const SeptetTable& extension = table_or_default(kSingleShiftTables, tables.single_shift);
  std::array<char, std::size_t{3} * 64> buffer;  // 64 characters of the basic plane
  bool escape = escaped;
  while (!septets.empty()) {
    char* end = buffer.data();
    const auto chunk = septets.first(std::min<std::size_t>(septets.size(), buffer.size() / 3));
    for (const std::uint8_t octet : chunk) {
      const std::uint8_t septet = octet & 0x7F;
      const char16_t plain = basic[septet];
      if (!escape && plain - 0x20u < 0x60u) {  // most of most texts: printable ASCII
        *end++ = static_cast<char>(plain);
      } else if (septet == kEscapeSeptet) {
        if (escape) *end++ = ' ';
        escape = !escape;
      } else {
        const char16_t extended = escape ? extension[septet] : char16_t{0};
        escape = false;
        end = write_utf8(end, extended != 0 ? extended : plain != 0 ? plain : u' ');
      }
    }
    out.append(buffer.data(), end);
    septets = septets.subspan(chunk.size());
  }
  escaped = escape;
}

void finish_gsm7(std::string& out, bool& escaped) {
  if (escaped) out += ' ';
  escaped = false;
}

std::optional<Octets> encode_gsm7(std::string_view utf8) {
  Octets septets(utf8.size() * 2);  // no character takes more for each of its bytes
  std::size_t count = 0;
  for (std::size_t position = 0; position < utf8.size();) {
    const auto byte = static_cast<std::uint8_t>(utf8[position]);
    if (byte < 0x80 && kLatin1Septets[byte] < 0x80) {
      septets[count++] = kLatin1Septets[byte];
      ++position;
      continue;
    }
    const std::uint8_t septet = septet_of(next_code_point(utf8, position));
    if (septet == kNoSeptet) return std::nullopt;
    if ((septet & kBehindEscape) != 0) septets[count++] = kEscapeSeptet;
    septets[count++] = septet & 0x7F;
  }
  septets.resize(count);
  return septets;
}

}  // namespace pigeon::modem
