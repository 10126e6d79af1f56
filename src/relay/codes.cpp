// Reading codes; see codes.h.
#include "relay/codes.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "relay/folding.h"

namespace pigeon::relay {
namespace {

constexpr std::size_t kFewestDigits = 6;
constexpr std::size_t kMostDigits = 8;
constexpr auto kWords = std::to_array<std::string_view>({"", "link", "pin", "code"});

// An amount of money is no code.
bool may_stand_beside(UChar32 character) {
  return u_isalnum(character) == 0 && u_charType(character) != U_CURRENCY_SYMBOL;
}

bool is_word(std::string_view word) {
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

}  // namespace

std::optional<std::string> code_in(std::string_view message) {
  std::string digits;
  std::string word;  // the one that is being read; it ends at the first other character
  for (const char32_t each : folded(message)) {
    const auto character = static_cast<UChar32>(each);
    if (character >= 'a' && character <= 'z') {
      word += static_cast<char>(character);
      continue;
    }
    if (!is_word(word)) return std::nullopt;
    word.clear();
    const std::int32_t digit = u_charDigitValue(character);
    if (digit >= 0)
      digits += static_cast<char>('0' + digit);
    else if (!may_stand_beside(character))
      return std::nullopt;
  }
  if (!is_word(word) || digits.size() < kFewestDigits || digits.size() > kMostDigits) return std::nullopt;
  return digits;
}

}  // namespace pigeon::relay
