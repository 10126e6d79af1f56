// GSM 7-bit text and septet packing; see gsm7.h.
#include "modem/gsm7.h"

#include <array>

#include "base/text.h"
#include "modem/gsm7_tables.h"

namespace pigeon::modem {
namespace {

constexpr unsigned kSeptetBits = 7;

std::optional<char32_t> character(const SeptetTable* table, std::uint8_t septet) {
  if (table == nullptr || septet >= table->size() || (*table)[septet] == 0) return std::nullopt;
  return (*table)[septet];
}

const SeptetTable* table_of(const std::array<const SeptetTable*, kLanguages>& tables, std::uint8_t language) {
  return language < kLanguages ? tables[language] : nullptr;
}

const SeptetTable* table_or_default(const std::array<const SeptetTable*, kLanguages>& tables,
                                    std::uint8_t language) {
  const SeptetTable* table = table_of(tables, language);
  return table != nullptr ? table : tables[0];
}

// How the default alphabet writes a code point: the septet, with kExtended set when an escape goes in front.
constexpr std::uint8_t kExtended = 0x80;
constexpr std::uint8_t kNotEncodable = 0xFF;

using Latin1Septets = std::array<std::uint8_t, 256>;

Latin1Septets make_latin1_septets() {
  Latin1Septets septets;
  septets.fill(kNotEncodable);
  for (std::uint8_t septet = 0; septet < 0x80; ++septet) {
    if (septet == kEscapeSeptet) continue;
    if (const char16_t extended = (*kSingleShiftTables[0])[septet]; extended != 0 && extended < 256) {
      septets[extended] = septet | kExtended;
    }
  }
  for (std::uint8_t septet = 0; septet < 0x80; ++septet) {  // second, so that one septet wins over two
    if (septet == kEscapeSeptet) continue;
    if (const char16_t basic = (*kLockingTables[0])[septet]; basic < 256) septets[basic] = septet;
  }
  return septets;
}

std::uint8_t septet_of(char32_t code_point) {
  static const Latin1Septets latin1_septets = make_latin1_septets();
  if (code_point < latin1_septets.size()) return latin1_septets[code_point];
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
      return 0x65 | kExtended;
    default:
      return kNotEncodable;
  }
}

}  // namespace

Octets unpack_septets(std::span<const std::uint8_t> packed, std::size_t count, unsigned fill_bits) {
  Octets septets(count);
  std::uint32_t window = 0;  // bits taken from `packed` and not yet given out, the next one lowest
  unsigned bits = 0;
  std::size_t next = 0;
  if (fill_bits > 0) {
    window = static_cast<std::uint32_t>(packed[next++]) >> fill_bits;
    bits = 8 - fill_bits;
  }
  for (std::uint8_t& septet : septets) {
    if (bits < kSeptetBits) {
      window |= static_cast<std::uint32_t>(packed[next++]) << bits;
      bits += 8;
    }
    septet = window & 0x7F;
    window >>= kSeptetBits;
    bits -= kSeptetBits;
  }
  return septets;
}

void pack_septets(Octets& out, std::span<const std::uint8_t> septets, unsigned fill_bits) {
  std::uint32_t window = 0;
  unsigned bits = fill_bits;
  for (const std::uint8_t septet : septets) {
    window |= static_cast<std::uint32_t>(septet & 0x7F) << bits;
    bits += kSeptetBits;
    if (bits >= 8) {
      out.push_back(static_cast<std::uint8_t>(window & 0xFF));
      window >>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) out.push_back(static_cast<std::uint8_t>(window));
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
  const SeptetTable* basic = table_or_default(kLockingTables, tables.locking_shift);
  const SeptetTable* extension = table_or_default(kSingleShiftTables, tables.single_shift);
  for (const std::uint8_t octet : septets) {
    const std::uint8_t septet = octet & 0x7F;
    if (septet == kEscapeSeptet) {
      if (escaped) out += ' ';
      escaped = !escaped;
      continue;
    }
    char16_t shown = escaped ? (*extension)[septet] : char16_t{0};
    escaped = false;
    if (shown == 0) shown = (*basic)[septet];
    if (shown == 0) shown = u' ';
    if (shown < 0x80)
      out += static_cast<char>(shown);
    else
      append_utf8(out, shown);
  }
}

void finish_gsm7(std::string& out, bool& escaped) {
  if (escaped) out += ' ';
  escaped = false;
}

std::size_t gsm7_length(char32_t code_point) {
  const std::uint8_t septet = septet_of(code_point);
  if (septet == kNotEncodable) return 0;
  return (septet & kExtended) != 0 ? 2 : 1;
}

bool encode_gsm7(Octets& septets, char32_t code_point) {
  const std::uint8_t septet = septet_of(code_point);
  if (septet == kNotEncodable) return false;
  if ((septet & kExtended) != 0) septets.push_back(kEscapeSeptet);
  septets.push_back(septet & 0x7F);
  return true;
}

std::optional<Octets> encode_gsm7(std::string_view utf8) {
  Octets septets;
  septets.reserve(utf8.size());
  for (std::size_t position = 0; position < utf8.size();) {
    if (!encode_gsm7(septets, next_code_point(utf8, position))) return std::nullopt;
  }
  return septets;
}

}  // namespace pigeon::modem
