// The comparison of same_post.h. X's text is cut at its short links first, because what stands around them
// must not be normalised together with them; each link becomes one code point beyond Unicode. Then both texts
// are walked side by side: signs must be equal, and a link must be met by a URL that expands to the same.
#include "x/same_post.h"

#include <unicode/bytestream.h>
#include <unicode/idna.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "x/weight/nfc.h"
#include "x/weight/url_spans.h"
#include "x/weight/weighted_length.h"

namespace pigeon::x {
namespace {

constexpr char32_t kFirstLink = 0x110000;  // plus the link's place in OwnPost::urls
// No post of 280 comes back larger, whatever it is made of; a hostile answer costs no more than this.
constexpr std::size_t kMaxOctets = 16384;
constexpr std::size_t kMaxLinks = 64;

// What X escapes, and the quotes, which would be escaped by the same habit. Anything else that looks like an
// entity was typed: its ampersand came as "&amp;".
std::string decode_entities(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kEntities{
      {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}}};
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto entity = std::find_if(kEntities.begin(), kEntities.end(),
                                     [text](const auto& row) { return text.starts_with(row.first); });
    out += entity == kEntities.end() ? text.front() : entity->second;
    text.remove_prefix(entity == kEntities.end() ? 1 : entity->first.size());
  }
  return out;
}

bool is_blank(char32_t c) {
  return c < kFirstLink && u_isUWhiteSpace(static_cast<UChar32>(c)) != 0;
}

std::u32string fold_blanks(std::u32string_view text) {
  std::u32string out;
  bool between = false;
  for (const char32_t c : text) {
    if (is_blank(c)) {
      between = true;
      continue;
    }
    if (between && !out.empty()) out += U' ';
    between = false;
    out += c;
  }
  return out;
}

// The link that starts at the front of `text`: the longest, should one be another's beginning.
const OwnUrl* link_at(std::string_view text, const std::vector<OwnUrl>& links) {
  const OwnUrl* longest = nullptr;
  for (const OwnUrl& link : links) {
    const bool longer = longest == nullptr || link.url.size() > longest->url.size();
    if (longer && !link.url.empty() && text.starts_with(link.url)) longest = &link;
  }
  return longest;
}

// X's text with one code point for each link.
std::u32string with_links(const OwnPost& post) {
  std::u32string out;
  std::string_view rest = post.text;
  std::size_t read = 0;
  const auto take_words = [&] {
    out += to_nfc(decode_entities(rest.substr(0, read)));
    rest.remove_prefix(read);
    read = 0;
  };
  while (read < rest.size()) {
    const OwnUrl* link = link_at(rest.substr(read), post.urls);
    if (link == nullptr) {
      ++read;
      continue;
    }
    take_words();
    out += kFirstLink + static_cast<char32_t>(link - post.urls.data());
    rest.remove_prefix(link->url.size());
  }
  take_words();
  return out;
}

// A host's name in ASCII and lower case; what is no valid name stays as it is.
std::string ascii_host(std::string_view host) {
  const bool ascii =
      std::all_of(host.begin(), host.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return ascii_lower(host);
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::IDNA> idna(icu::IDNA::createUTS46Instance(UIDNA_DEFAULT, status));
  if (U_FAILURE(status)) return ascii_lower(host);
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  icu::IDNAInfo info;
  idna->nameToASCII_UTF8(icu::StringPiece(host.data(), static_cast<std::int32_t>(host.size())), sink, info,
                         status);
  return U_FAILURE(status) || info.hasErrors() ? ascii_lower(host) : out;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto octet =
        text[at] == '%' && at + 2 < text.size() ? from_hex(text.substr(at + 1, 2)) : std::nullopt;
    out += octet ? static_cast<char>(octet->front()) : text[at];
    if (octet) at += 2;
  }
  return out;
}

// A URL without what X may change: the scheme (it adds one to a bare domain), the case and alphabet of the
// host, percent-encoding, and the slash of an empty path.
std::string plain_url(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (ascii_iequals(url.substr(0, scheme.size()), scheme)) {
      url.remove_prefix(scheme.size());
      break;
    }
  }
  const std::size_t host = std::min(url.find_first_of("/?#"), url.size());
  std::string path = percent_decoded(url.substr(host));
  if (!path.starts_with('/')) path.insert(path.begin(), '/');
  return ascii_host(url.substr(0, host)) + path;
}

// What X's link stands for, as the forms of a URL that was written. A short link of X's that a person wrote
// stands for itself.
class Link {
 public:
  explicit Link(const OwnUrl& url)
      : forms_{plain_url(url.expanded_url), plain_url(decode_entities(url.expanded_url)),
               plain_url(url.url)} {}

  [[nodiscard]] bool is_for(std::u32string_view written) const {
    std::string text;
    for (const char32_t c : written) append_utf8(text, c);
    return std::find(forms_.begin(), forms_.end(), plain_url(text)) != forms_.end();
  }

 private:
  std::array<std::string, 3> forms_;
};

// The end of the URL at `at` of our text that `url` stands for.
std::optional<std::size_t> url_end(std::u32string_view ours, const std::vector<UrlSpan>& spans,
                                   std::size_t at, const OwnUrl& url) {
  const Link link(url);
  const auto span =
      std::find_if(spans.begin(), spans.end(), [at](const UrlSpan& known) { return known.begin == at; });
  if (span != spans.end() && link.is_for(ours.substr(at, span->end - at))) return span->end;
  // X knows top-level domains that we do not know yet: the longest beginning of the word that fits. What is
  // no URL to us weighs what it is long.
  const std::u32string_view word = ours.substr(at, std::min(ours.find(U' ', at) - at, kMaxWeightedLength));
  for (std::size_t length = word.size(); length > 0; --length) {
    if (link.is_for(word.substr(0, length))) return at + length;
  }
  return std::nullopt;
}

}  // namespace

bool same_post(std::string_view ours, const OwnPost& theirs) {
  if (theirs.text.size() > kMaxOctets || theirs.urls.size() > kMaxLinks) return false;
  const std::u32string written = fold_blanks(to_nfc(ours));
  const std::vector<UrlSpan> spans = find_urls(written);
  std::size_t at = 0;
  for (const char32_t c : fold_blanks(with_links(theirs))) {
    if (c >= kFirstLink) {
      const auto end = url_end(written, spans, at, theirs.urls[c - kFirstLink]);
      if (!end) return false;
      at = *end;
    } else {
      if (at == written.size() || written[at] != c) return false;
      ++at;
    }
  }
  return at == written.size();
}

}  // namespace pigeon::x
