// Reading codes; see codes.h.
#include "relay/codes.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>

namespace pigeon::relay {
namespace {

constexpr std::size_t kFewestDigits = 6;
constexpr std::size_t kMostDigits = 8;
constexpr auto kWords = std::to_array<std::string_view>({"", "link", "pin", "code"});

// Full-width letters, enclosed digits and the like as plain ones, in lower case; invisible characters are
// gone.
std::optional<icu::UnicodeString> folded(std::string_view message) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const fold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  if (U_FAILURE(status)) return std::nullopt;
  const auto text = icu::UnicodeString::fromUTF8({message.data(), static_cast<std::int32_t>(message.size())});
  icu::UnicodeString out = fold->normalize(text, status);
  if (U_FAILURE(status)) return std::nullopt;
  return out;
}

// An amount of money is no code.
bool may_stand_beside(UChar32 character) {
  return u_isalnum(character) == 0 && u_charType(character) != U_CURRENCY_SYMBOL;
}

bool is_word(std::string_view word) {
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

}  // namespace

std::optional<std::string> code_in(std::string_view message) {
  const auto text = folded(message);
  if (!text) return std::nullopt;
  std::string digits;
  std::string word;  // the one that is being read; it ends at the first other character
  for (std::int32_t at = 0; at < text->length(); at = text->moveIndex32(at, 1)) {
    const UChar32 character = text->char32At(at);
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
