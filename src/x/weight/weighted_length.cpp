// The counting of weighted_length.h: normalise, find URLs and emoji sequences, weigh the rest by code point.
#include "x/weight/weighted_length.h"

#include <algorithm>

#include "x/weight/emoji.h"
#include "x/weight/nfc.h"
#include "x/weight/url_spans.h"

namespace pigeon::x {
namespace {

constexpr std::size_t kUrlWeight = 23;
constexpr std::size_t kHeavyWeight = 2;

bool is_light(char32_t c) {
  return c <= 4351 || (c >= 8192 && c <= 8205) || (c >= 8208 && c <= 8223) || (c >= 8242 && c <= 8247);
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::size_t weigh(std::u32string_view text) {
  const auto urls = find_urls(text);
  auto url = urls.begin();
  std::size_t weight = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (url != urls.end() && url->begin == at) {
      weight += kUrlWeight;
      at = url->end;
      ++url;
    } else if (const std::size_t emoji = emoji_length(text, at); emoji > 0) {
      weight += kHeavyWeight;
      at += emoji;
    } else {
      weight += is_light(text[at]) ? 1 : kHeavyWeight;
      ++at;
    }
  }
  return weight;
}

}  // namespace

std::size_t weighted_length(std::string_view text) {
  if (text.find('.') == std::string_view::npos && is_ascii(text)) return text.size();
  return weigh(to_nfc(text));
}

}  // namespace pigeon::x
