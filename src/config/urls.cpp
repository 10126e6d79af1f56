// Looking at a URL piece by piece; see urls.h.
#include "config/urls.h"

#include <algorithm>
#include <charconv>

#include "base/origin.h"
#include "base/text.h"

namespace pigeon {
namespace {

struct Pieces {
  bool secure = false;
  std::string authority, rest;  // "host:port", "/path?query"
  std::string host;             // in lower case
  std::optional<std::string_view> port{};
};

std::optional<Pieces> take_apart(std::string_view url) {
  const std::string lower = ascii_lower(url.substr(0, 8));
  Pieces pieces;
  pieces.secure = lower.starts_with("https://");
  if (!pieces.secure && !lower.starts_with("http://")) return std::nullopt;
  url.remove_prefix(pieces.secure ? 8 : 7);
  const std::size_t end = std::min(url.find_first_of("/?#"), url.size());
  pieces.authority = url.substr(0, end);
  pieces.rest = url.substr(end);
  const std::size_t bracket = pieces.authority.find(']');
  const std::size_t colon = pieces.authority.find(':', bracket == std::string::npos ? 0 : bracket);
  pieces.host = ascii_lower(pieces.authority.substr(0, colon));
  if (colon != std::string::npos) pieces.port = url.substr(colon + 1, end - colon - 1);
  return pieces;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  return host.starts_with("127.") &&
         std::all_of(host.begin(), host.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

bool is_port(std::string_view text) {
  constexpr int kLast = 65535;
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port <= kLast;
}

}  // namespace

std::optional<Objection> object_to_url(std::string_view url, UrlUse use) {
  const auto pieces = take_apart(url);
  if (!pieces)
    return Objection{
        "must be an https:// URL (http:// only for this machine itself)",
        "write the whole address, like \"https://" +
            std::string(url.empty() || url.find(':') != std::string_view::npos ? "sms.your.domain" : url) +
            "\""};
  if (pieces->authority.find('@') != std::string::npos)
    return Objection{"must be a URL without a user and a password", "leave out what stands before the @"};
  if (origin_of(url).empty() || pieces->host.empty())
    return Objection{"has a host that no browser would find",
                     "a host is letters, digits, dots and hyphens; write other letters in their xn-- form"};
  if (pieces->port && !is_port(*pieces->port))
    return Objection{"has a port that is none", "a port is a number from 1 to 65535"};
  if (!pieces->secure && !is_loopback(pieces->host))
    return Objection{"must be an https:// URL (http:// only for this machine itself)",
                     "put a TLS front before this box (image/Caddyfile) and write https://"};
  if (pieces->rest.find_first_of("?# ") != std::string::npos)
    return Objection{"must be a URL without blanks, ? and #", "leave out what begins there"};
  if (use == UrlUse::origin && !pieces->rest.empty())
    return Objection{"must be a URL without a path",
                     "write \"" + origin_of(url) + "\": the paths are added to it"};
  return std::nullopt;
}

bool is_example_url(std::string_view url) {
  const auto pieces = take_apart(url);
  return pieces && (pieces->host == "example" || pieces->host.ends_with(".example") ||
                    pieces->host == "example.com" || pieces->host.ends_with(".example.com"));
}

}  // namespace pigeon
