// The weighing of posts on any UTF-8: URLs lie in order within the text, and no text weighs more than its
// parts could.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "x/weight/url_spans.h"
#include "x/weight/weighted_length.h"

namespace {

using namespace pigeon::x;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void check_urls(std::u32string_view text) {
  std::size_t end = 0;
  for (const UrlSpan& url : find_urls(text)) {
    require(url.begin >= end, "URLs are in order");
    require(url.end > url.begin + 2 && url.end <= text.size(), "a URL lies within the text");
    require(text.substr(url.begin, url.end - url.begin).find(U'.') != std::u32string_view::npos,
            "a URL has a dot");
    end = url.end;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!pigeon::is_valid_utf8(text)) return 0;
  std::u32string code_points;
  for (std::size_t at = 0; at < text.size();) code_points += pigeon::next_code_point(text, at);
  check_urls(code_points);
  const std::size_t length = weighted_length(text);
  // NFC makes at most three code points of one (UAX 15 §14); the shortest URL, "a.de", weighs 23.
  require(length <= 6 * (code_points.size() + 1) + 23 * (code_points.size() / 4),
          "no more than the parts weigh");
  require((length == 0) == text.empty(), "only nothing weighs nothing");
  return 0;
}
