// Pages over cpp-httplib's client; see demo_browser.h. That client decodes a Location before it hands it out,
// which is harmless here: no parameter of the flow holds an escaped '&', '+' or '%'.
#include "sim/demo/demo_browser.h"

#include <httplib.h>

#include <algorithm>
#include <array>
#include <optional>

namespace pigeon::sim {
namespace {

constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
    {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}}};

struct Address {
  std::string origin;  // "http://host:port"
  std::string target;  // "/path?query"
};

Address split(const std::string& url) {
  const std::size_t slash = url.find('/', url.find("://") + 3);
  if (slash == std::string::npos) return {url, "/"};
  return {url.substr(0, slash), url.substr(slash)};
}

void keep_cookies(const httplib::Response& response, std::map<std::string, std::string>& jar) {
  const auto [first, last] = response.headers.equal_range("Set-Cookie");
  for (auto header = first; header != last; ++header) {
    const std::string pair = header->second.substr(0, header->second.find(';'));
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) continue;
    if (equals + 1 == pair.size()) {
      jar.erase(pair.substr(0, equals));
    } else {
      jar[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
  }
}

httplib::Headers headers_with(const std::map<std::string, std::string>& jar, const std::string& origin) {
  httplib::Headers headers = {{"Origin", origin}, {"Accept", "text/html"}};
  std::string cookies;
  for (const auto& [name, value] : jar)
    cookies.append(cookies.empty() ? "" : "; ").append(name).append("=").append(value);
  if (!cookies.empty()) headers.emplace("Cookie", cookies);
  return headers;
}

Result<Page> page_of(const httplib::Result& result, const Address& address,
                     std::map<std::string, std::string>& jar) {
  if (!result) {
    return fail(Errc::disconnected, address.origin + ": " + httplib::to_string(result.error()), Retry::yes);
  }
  keep_cookies(*result, jar);
  std::string location = result->get_header_value("Location");
  if (location.starts_with('/')) location = address.origin + location;
  return Page{result->status, result->body, std::move(location)};
}

std::string unescape(std::string_view html) {
  std::string text;
  while (!html.empty()) {
    const auto entity =
        std::ranges::find_if(kEntities, [&](const auto& e) { return html.starts_with(e.first); });
    text += entity == kEntities.end() ? html.front() : entity->second;
    html.remove_prefix(entity == kEntities.end() ? 1 : entity->first.size());
  }
  return text;
}

// What stands between `before` and `after`; nothing when they do not follow each other.
std::optional<std::string_view> between(std::string_view html, std::string_view before,
                                        std::string_view after) {
  const std::size_t start = html.find(before);
  if (start == std::string_view::npos) return std::nullopt;
  const std::size_t end = html.find(after, start + before.size());
  if (end == std::string_view::npos) return std::nullopt;
  return html.substr(start + before.size(), end - start - before.size());
}

}  // namespace

Result<Page> Browser::open(const std::string& url) {
  const Address address = split(url);
  auto& jar = cookies_[address.origin];
  httplib::Client client(address.origin);
  return page_of(client.Get(address.target, headers_with(jar, address.origin)), address, jar);
}

Result<Page> Browser::submit(const std::string& url, const std::string& form) {
  const Address address = split(url);
  auto& jar = cookies_[address.origin];
  httplib::Client client(address.origin);
  const char* type = "application/x-www-form-urlencoded";
  return page_of(client.Post(address.target, headers_with(jar, address.origin), form, type), address, jar);
}

std::string heading_of(std::string_view html) {
  return unescape(between(html, "<h1>", "</h1>").value_or(""));
}

std::string hidden_field(std::string_view html, std::string_view name) {
  return unescape(between(html, "name=\"" + std::string(name) + "\" value=\"", "\"").value_or(""));
}

std::string pin_shown(std::string_view html) {
  return std::string(between(html, "<output id=\"pin\">", "<").value_or(""));
}

std::string code_shown(std::string_view html) {
  constexpr std::string_view kBegin = "class=\"code\">";
  const std::size_t at = html.find(kBegin);
  if (at == std::string_view::npos) return {};
  const std::string_view behind = html.substr(at + kBegin.size());
  return behind.find('<') == std::string_view::npos ? std::string()
                                                    : std::string(behind.substr(0, behind.find('<')));
}

}  // namespace pigeon::sim
