// Finding URLs and making short ones; see short_links.h.
#include "sim/x/short_links.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/text.h"

namespace pigeon::sim {
namespace {

constexpr std::array<std::string_view, 16> kTopLevels = {
    "com", "org", "net", "edu", "gov", "info", "io", "dev", "app", "me", "co", "de", "fr", "uk", "eu", "us"};
constexpr std::size_t kMaxDisplayed = 27;
constexpr std::size_t kSlugLength = 10;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool may_precede(char c) {
  return !is_alphanumeric(c) && std::string_view("@#$_-./").find(c) == std::string_view::npos;
}

// A path goes on with ASCII, and with letters from U+00C0 to U+04FF.
std::size_t path_end(std::string_view text, std::size_t at) {
  const std::size_t begin = at;
  while (at < text.size()) {
    const auto octet = static_cast<unsigned char>(text[at]);
    if (octet > 0x20 && octet < 0x7F && std::string_view("<>\"").find(text[at]) == std::string_view::npos) {
      ++at;
    } else if (octet >= 0xC3 && octet <= 0xD3) {
      at = std::min(at + 2, text.size());
    } else {
      break;
    }
  }
  const auto ends_sentence = [&text](std::size_t end) {
    return std::string_view(".,;:!?'()[]{}").find(text[end - 1]) != std::string_view::npos;
  };
  while (at > begin && ends_sentence(at)) --at;
  return at;
}

// Where a domain with a known top level that begins at `at` ends.
std::optional<std::size_t> domain_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && (is_alphanumeric(text[end]) || text[end] == '-' || text[end] == '.')) ++end;
  while (end > at && !is_alphanumeric(text[end - 1])) --end;
  const std::string_view domain = text.substr(at, end - at);
  const std::size_t dot = domain.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || domain.find("..") != std::string_view::npos)
    return std::nullopt;
  const std::string top = ascii_lower(domain.substr(dot + 1));
  if (std::ranges::find(kTopLevels, top) == kTopLevels.end()) return std::nullopt;
  return end;
}

std::size_t protocol_length(std::string_view text) {
  for (const std::string_view protocol : {"https://", "http://"}) {
    if (ascii_iequals(text.substr(0, protocol.size()), protocol)) return protocol.size();
  }
  return 0;
}

// The end of the URL that begins at `at`.
std::optional<std::size_t> url_end(std::string_view text, std::size_t at) {
  const std::size_t protocol = protocol_length(text.substr(at));
  const auto domain = domain_end(text, at + protocol);
  if (!domain || *domain == text.size()) return domain;
  const char next = text[*domain];
  const bool goes_on = next == '/' || (protocol > 0 && (next == '?' || next == ':'));
  return goes_on ? path_end(text, *domain) : *domain;
}

std::string slug_of(std::string_view url, std::string_view id) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a
  for (const std::string_view part : {id, url}) {
    for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  std::string slug;
  for (; slug.size() < kSlugLength; hash /= kDigits.size()) slug += kDigits[hash % kDigits.size()];
  return slug;
}

ShortLink link_of(std::string_view written, std::size_t begin, std::string_view id) {
  ShortLink link{.begin = begin, .end = begin + written.size()};
  const std::size_t protocol = protocol_length(written);
  link.url = "https://t.co/" + slug_of(written, id);
  link.expanded_url = (protocol == 0 ? "http://" : "") + std::string(written);
  link.display_url = shorten(written.substr(protocol), kMaxDisplayed);
  return link;
}

}  // namespace

std::vector<ShortLink> short_links(std::string_view text, std::string_view id) {
  std::vector<ShortLink> links;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_alphanumeric(text[at]) || (at > 0 && !may_precede(text[at - 1]))) continue;
    const auto end = url_end(text, at);
    if (!end) continue;
    links.push_back(link_of(text.substr(at, *end - at), at, id));
    at = *end - 1;
  }
  return links;
}

}  // namespace pigeon::sim
