// Cutting an origin out of a URL; see origin.h.
#include "base/origin.h"

#include <algorithm>

#include "base/text.h"

namespace pigeon {
namespace {

// What may stand in "host[:port]"; in particular nothing that would end a CSP directive or a header.
bool is_authority(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' || c == '[' ||
           c == ']';
  });
}

}  // namespace

std::string origin_of(std::string_view url) {
  const std::string lower = ascii_lower(url);
  const bool secure = lower.starts_with("https://");
  if (!secure && !lower.starts_with("http://")) return {};
  const std::size_t begin = lower.find("//") + 2;
  std::string_view authority = std::string_view(lower).substr(begin);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  const std::string_view own_port = secure ? ":443" : ":80";
  if (authority.ends_with(own_port)) authority.remove_suffix(own_port.size());
  if (!is_authority(authority)) return {};
  return lower.substr(0, begin) + std::string(authority);
}

}  // namespace pigeon
