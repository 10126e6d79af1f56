// A hand-written scanner for the URLs of twitter-text. Its grammar, where everything behind the domain is
// optional:
//
//   before [http[s]://] domain [:port] [/path] [?query]
//     domain  label.label.….TLD, as many labels as still end in a TLD; '_' not in the one before the TLD
//     path    general characters and (balanced (parentheses)), up to the last that may end a path
//     query   the same with its own characters
//
// A bare domain counts only in its ASCII (and Latin) parts, so that a sentence in Chinese around
// "example.com" stays text; see docs/design.md, "Weighted length".
#include "x/weight/url_spans.h"

#include <algorithm>
#include <optional>

#include "x/weight/punycode.h"
#include "x/weight/tlds.h"

namespace pigeon::x {
namespace {

using Text = std::u32string_view;

constexpr std::size_t kMaxUrlLength = 4096;        // UTF-16 units, protocol included once more
constexpr std::size_t kDefaultProtocolLength = 8;  // "https://"
constexpr std::size_t kMaxLabelLength = 63;
constexpr std::size_t kMaxTcoSlug = 40;

bool is_one_of(char32_t c, Text set) {
  return set.find(c) != Text::npos;
}
bool is_digit(char32_t c) {
  return c >= U'0' && c <= U'9';
}
bool is_letter(char32_t c) {
  return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}
bool is_alphanumeric(char32_t c) {
  return is_digit(c) || is_letter(c);
}

bool is_latin_accented(char32_t c) {
  return (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) ||
         is_one_of(c, U"\u0253\u0254\u0256\u0257\u0259\u025B\u0263\u0268\u026F\u0272\u0289\u028B\u02BB") ||
         (c >= 0x300 && c <= 0x36F) || (c >= 0x1E00 && c <= 0x1EFF);
}

bool is_cyrillic(char32_t c) {
  return c >= 0x400 && c <= 0x4FF;
}

bool is_forbidden(char32_t c) {
  return c == 0xFFFE || c == 0xFEFF || c == 0xFFFF;
}

bool is_directional_mark(char32_t c) {
  return (c >= 0x202A && c <= 0x202E) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2066 && c <= 0x2069);
}

bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x2000 && c <= 0x200A) ||
         is_one_of(c, U"\u0020\u0085\u00A0\u1680\u180E\u2028\u2029\u202F\u205F\u3000");
}

bool is_domain_char(char32_t c) {
  return !is_one_of(c, U"!'#%&()*+,\\-./:;<=>?@[]^_{|}~$") && !is_space(c) && !is_forbidden(c) &&
         !is_directional_mark(c);
}

bool may_precede(char32_t c) {
  return !is_alphanumeric(c) && !is_one_of(c, U"@\uFF20$#\uFF03") && !is_forbidden(c);
}

bool is_path_char(char32_t c) {
  return is_alphanumeric(c) || is_one_of(c, U"!*';:=+,.$/%#[]-\u2013_~@|&") || is_cyrillic(c) ||
         is_latin_accented(c);
}

bool may_end_path(char32_t c) {
  return is_alphanumeric(c) || is_one_of(c, U"+-=_#/") || is_cyrillic(c) || is_latin_accented(c);
}

bool is_query_char(char32_t c) {
  return is_alphanumeric(c) || is_one_of(c, U"!?*'@();:&=+$/%#[]-_.,~|");
}
bool may_end_query(char32_t c) {
  return is_alphanumeric(c) || is_one_of(c, U"-_&=#/");
}

std::size_t utf16_length(Text text) {
  return text.size() + static_cast<std::size_t>(
                           std::count_if(text.begin(), text.end(), [](char32_t c) { return c > 0xFFFF; }));
}

// The first position from `at` on whose character `member` refuses.
template <typename Predicate>
std::size_t skip_while(Text text, std::size_t at, Predicate member) {
  while (at < text.size() && member(text[at])) ++at;
  return at;
}

bool starts_with_ignoring_case(Text text, std::size_t at, Text lower_case) {
  if (text.size() - at < lower_case.size()) return false;
  return std::equal(
      lower_case.begin(), lower_case.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
      [](char32_t want, char32_t c) { return c == want || (is_letter(c) && (c | 0x20) == want); });
}

std::size_t protocol_end(Text text, std::size_t at) {
  for (const Text protocol : {Text(U"https://"), Text(U"http://")}) {
    if (starts_with_ignoring_case(text, at, protocol)) return at + protocol.size();
  }
  return at;
}

// Where domains end. The labels of the whole text are looked at once, from the last to the first, so that a
// text of nothing but dots and letters costs no more than any other.
class Domains {
 public:
  explicit Domains(Text text) : text_(text) {
    std::size_t at = 0;
    while ((at = skip_while(text, at, [](char32_t c) { return !is_label_char(c); })) < text.size()) {
      const std::size_t begin = at;
      at = skip_while(text, at, is_label_char);
      const std::size_t underscore = text.substr(begin, at - begin).rfind(U'_');
      labels_.push_back({begin, at, underscore == Text::npos ? begin : begin + underscore + 1, 0, 0});
    }
    for (std::size_t i = labels_.size(); i-- > 0;) link(i);
  }

  // The end of the longest domain that starts at `at`; nothing when none does.
  [[nodiscard]] std::optional<std::size_t> end_from(std::size_t at) const {
    const auto label =
        std::upper_bound(labels_.begin(), labels_.end(), at,
                         [](std::size_t position, const Label& l) { return position < l.end; });
    if (label == labels_.end() || at < label->begin || !is_domain_char(text_[at])) return std::nullopt;
    const std::size_t end = label->end_by_next > 0  ? label->end_by_next
                            : at < label->name_from ? 0
                                                    : label->end_by_tld;
    return end > 0 ? std::optional(end) : std::nullopt;
  }

 private:
  // A run of label characters. A domain's last label before the TLD must not hold '_', and starts at or
  // behind `name_from`.
  struct Label {
    std::size_t begin;
    std::size_t end;
    std::size_t name_from;
    std::size_t end_by_tld;   // of a domain whose TLD follows this label; 0: no TLD follows
    std::size_t end_by_next;  // of the longest domain that goes on with the next whole label; 0: none
  };

  static bool is_label_char(char32_t c) { return c == U'-' || c == U'_' || is_domain_char(c); }

  void link(std::size_t i) {
    Label& label = labels_[i];
    const bool dot = label.end < text_.size() && text_[label.end] == U'.';
    if (!dot || !is_domain_char(text_[label.end - 1])) return;
    const std::size_t tld = tld_length(text_.substr(label.end + 1));
    label.end_by_tld = tld > 0 ? label.end + 1 + tld : 0;
    label.end_by_next = end_from(label.end + 1).value_or(0);
  }

  Text text_;
  std::vector<Label> labels_;
};

bool is_ascii_domain_char(char32_t c) {
  return is_alphanumeric(c) || c == U'-' || is_latin_accented(c);
}

// The ASCII (and Latin) domains inside a bare domain, such as "example.com" in "看example.com".
std::vector<UrlSpan> ascii_domains(Text domain) {
  std::vector<UrlSpan> found;
  std::size_t begin = 0;
  while (begin < domain.size()) {
    std::size_t end = 0;
    std::size_t at = begin;
    for (;;) {
      const std::size_t dot = skip_while(domain, at, is_ascii_domain_char);
      if (dot == at || dot == domain.size() || domain[dot] != U'.') {
        at = dot;
        break;
      }
      at = dot + 1;
      if (const std::size_t tld = tld_length(domain.substr(at)); tld > 0) end = at + tld;
    }
    if (end > 0) found.push_back({begin, end});
    begin = end > 0 ? end : std::max(at, begin + 1);
  }
  return found;
}

// "(…)" with at most one nested pair: the position behind it, or `at` when there is none.
std::size_t parentheses_end(Text text, std::size_t at) {
  const auto is_at = [text](std::size_t position, char32_t c) {
    return position < text.size() && text[position] == c;
  };
  if (!is_at(at, U'(')) return at;
  const std::size_t first = skip_while(text, at + 1, is_path_char);
  if (is_at(first, U')')) return first > at + 1 ? first + 1 : at;
  if (!is_at(first, U'(')) return at;
  const std::size_t inner = skip_while(text, first + 1, is_path_char);
  if (inner == first + 1 || !is_at(inner, U')')) return at;
  const std::size_t last = skip_while(text, inner + 1, is_path_char);
  return is_at(last, U')') ? last + 1 : at;
}

std::size_t path_end(Text text, std::size_t at) {
  if (at >= text.size() || text[at] != U'/') return at;
  std::size_t end = ++at;
  while (at < text.size()) {
    if (const std::size_t behind = parentheses_end(text, at); behind > at) {
      end = at = behind;
    } else if (is_path_char(text[at])) {
      if (may_end_path(text[at])) end = at + 1;
      ++at;
    } else {
      break;
    }
  }
  return end;
}

std::size_t query_end(Text text, std::size_t at) {
  if (at >= text.size() || text[at] != U'?') return at;
  std::size_t end = at++;
  for (; at < text.size() && is_query_char(text[at]); ++at) {
    if (may_end_query(text[at])) end = at + 1;
  }
  return end;
}

std::size_t port_end(Text text, std::size_t at) {
  if (at >= text.size() || text[at] != U':') return at;
  const std::size_t end = skip_while(text, at + 1, is_digit);
  return end > at + 1 ? end : at;
}

// One match of the grammar, as positions.
struct Match {
  std::size_t begin = 0;
  std::size_t domain = 0;  // begin without a protocol
  std::size_t port = 0;    // end of the domain
  std::size_t path = 0;
  std::size_t query = 0;
  std::size_t end = 0;
};

std::optional<Match> match_at(Text text, const Domains& domains, std::size_t at) {
  Match match;
  match.begin = at;
  match.domain = protocol_end(text, at);
  const auto domain = domains.end_from(match.domain);
  if (!domain) return std::nullopt;
  match.port = *domain;
  match.path = port_end(text, match.port);
  match.query = path_end(text, match.path);
  match.end = query_end(text, match.query);
  return match;
}

// DNS's limit on labels, once in ASCII. An ideographic full stop separates too (RFC 3490 §3.1).
bool has_valid_labels(Text domain) {
  std::size_t length = 0;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= domain.size(); ++at) {
    const bool at_dot = at == domain.size() || domain[at] == U'.';
    if (!at_dot && !is_one_of(domain[at], U"\u3002\uFF0E\uFF61")) continue;
    length += ascii_label_length(domain.substr(begin, at - begin));
    begin = at + 1;
    if (at_dot && (length == 0 || length > kMaxLabelLength)) return false;
    length = at_dot ? 0 : length + 1;
  }
  return true;
}

bool is_valid(Text text, const Match& match) {
  const Text domain = text.substr(match.domain, match.port - match.domain);
  if (domain.starts_with(U"xn--") && ascii_domains(domain).empty()) return false;
  const std::size_t protocol =
      match.domain > match.begin ? match.domain - match.begin : kDefaultProtocolLength;
  return has_valid_labels(domain) &&
         protocol + utf16_length(text.substr(match.begin, match.end - match.begin)) <= kMaxUrlLength;
}

// X's own short links end behind their slug, whatever follows; a slug too long is none of X's.
std::optional<std::size_t> tco_end(Text text, const Match& match) {
  constexpr Text kHost = U"t.co/";
  if (!starts_with_ignoring_case(text, match.domain, kHost)) return match.end;
  const std::size_t slug = match.domain + kHost.size();
  const std::size_t end = skip_while(text, slug, is_alphanumeric);
  if (end == slug) return match.end;
  if (end - slug > kMaxTcoSlug) return std::nullopt;
  return query_end(text, end);
}

void add_bare(Text text, const Match& match, std::vector<UrlSpan>& urls) {
  if (match.begin > 0 && is_one_of(text[match.begin - 1], U"-_./")) return;
  auto domains = ascii_domains(text.substr(match.domain, match.port - match.domain));
  for (UrlSpan& span : domains) {
    span.begin += match.domain;
    span.end += match.domain;
  }
  // Path and query belong to the last one; a port or query without a path stays text.
  if (!domains.empty() && match.query > match.path) domains.back().end += match.end - match.port;
  urls.insert(urls.end(), domains.begin(), domains.end());
}

}  // namespace

std::vector<UrlSpan> find_urls(std::u32string_view text) {
  std::vector<UrlSpan> urls;
  if (text.find(U'.') == Text::npos) return urls;
  const Domains domains(text);
  // Where the next match's preceding character may stand. Only the very start of the text needs none, and is
  // tried after the position behind its first character.
  std::size_t at = 0;
  while (at < text.size()) {
    std::optional<Match> match;
    if (may_precede(text[at])) match = match_at(text, domains, at + 1);
    if (!match && at == 0) match = match_at(text, domains, 0);
    if (!match) {
      ++at;
      continue;
    }
    if (is_valid(text, *match)) {
      if (match->domain == match->begin) {
        add_bare(text, *match, urls);
      } else if (const auto end = tco_end(text, *match)) {
        urls.push_back({match->begin, *end});
      }
    }
    at = match->end;
  }
  return urls;
}

}  // namespace pigeon::x
