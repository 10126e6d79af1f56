// Folding by ICU; see folding.h.
#include "relay/folding.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "base/text.h"

namespace pigeon::relay {
namespace {

bool stands_around(char32_t character) {
  const auto code_point = static_cast<UChar32>(character);
  if (character < 0x80) return u_isalnum(code_point) == 0;
  return u_ispunct(code_point) != 0 || u_isUWhiteSpace(code_point) != 0 ||
         u_charType(code_point) == U_MODIFIER_SYMBOL;
}

bool joins_words(char32_t character) {
  const auto code_point = static_cast<UChar32>(character);
  return u_isUWhiteSpace(code_point) != 0 || u_hasBinaryProperty(code_point, UCHAR_DASH) != 0;
}

}  // namespace

std::u32string folded(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const fold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  if (U_FAILURE(status)) return {};
  const auto whole = icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
  const icu::UnicodeString plain = fold->normalize(whole, status);
  if (U_FAILURE(status)) return {};
  std::u32string out;
  for (std::int32_t at = 0; at < plain.length(); at = plain.moveIndex32(at, 1))
    out += static_cast<char32_t>(plain.char32At(at));
  return out;
}

std::string bare_words(std::string_view text) {
  const std::u32string all = folded(text);
  const auto begin = std::find_if_not(all.begin(), all.end(), stands_around);
  const auto end = std::find_if_not(all.rbegin(), std::make_reverse_iterator(begin), stands_around).base();
  std::string words;
  bool joined = false;
  for (auto at = begin; at != end; ++at) {
    const bool joins = joins_words(*at);
    if (joins && !joined) words += ' ';
    if (!joins) append_utf8(words, *at);
    joined = joins;
  }
  return words;
}

}  // namespace pigeon::relay
