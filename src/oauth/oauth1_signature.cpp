// The signature base string and what is made of it; see oauth1_signature.h.
#include "oauth/oauth1_signature.h"

#include <algorithm>
#include <array>

#include "base/crypto.h"
#include "base/text.h"

namespace pigeon::oauth {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string form_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    if (escape) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

// Scheme and host in lower case, without the scheme's own port, query and fragment (§3.4.1.2).
std::string base_uri(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme_end = std::min(url.find("://"), url.size());
  const std::size_t host = std::min(scheme_end + 3, url.size());
  const std::size_t path = std::min(url.find('/', host), url.size());
  std::string authority = ascii_lower(url.substr(0, path));
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kDefaults = {
      std::pair{std::string_view("http://"), std::string_view(":80")},
      std::pair{std::string_view("https://"), std::string_view(":443")}};
  for (const auto& [scheme, port] : kDefaults) {
    if (authority.starts_with(scheme) && authority.ends_with(port))
      authority.resize(authority.size() - port.size());
  }
  return authority + (path == url.size() ? "/" : std::string(url.substr(path)));
}

// Encoded, sorted by octets, joined (§3.4.1.3.2).
std::string normalized(const Parameters& parameters) {
  Parameters encoded;
  encoded.reserve(parameters.size());
  for (const auto& [name, value] : parameters)
    encoded.emplace_back(percent_encode(name), percent_encode(value));
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [name, value] : encoded) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

}  // namespace

Parameters read_form(std::string_view encoded) {
  Parameters parameters;
  while (!encoded.empty()) {
    const std::string_view pair = encoded.substr(0, encoded.find('&'));
    encoded.remove_prefix(std::min(encoded.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    parameters.emplace_back(form_decode(pair.substr(0, equals)),
                            form_decode(pair.substr(std::min(equals + 1, pair.size()))));
  }
  return parameters;
}

std::string value_of(const Parameters& parameters, std::string_view name) {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [name](const auto& parameter) { return parameter.first == name; });
  return found == parameters.end() ? std::string() : found->second;
}

std::string base_string(std::string_view method, std::string_view url, const Parameters& parameters) {
  Parameters all = parameters;
  const std::string_view before_fragment = url.substr(0, url.find('#'));
  if (const std::size_t query = before_fragment.find('?'); query != std::string_view::npos) {
    for (auto& parameter : read_form(before_fragment.substr(query + 1))) all.push_back(std::move(parameter));
  }
  return std::string(method) + "&" + percent_encode(base_uri(url)) + "&" + percent_encode(normalized(all));
}

std::string signature(std::string_view base, std::string_view consumer_secret,
                      std::string_view token_secret) {
  return base64(hmac_sha1(percent_encode(consumer_secret) + "&" + percent_encode(token_secret), base));
}

std::string authorization(const Consumer& consumer, const OAuth1Token& token, std::string_view method,
                          std::string_view url, const Stamp& stamp, const Parameters& more,
                          const Parameters& form) {
  Parameters own = {{"oauth_consumer_key", consumer.key},
                    {"oauth_nonce", stamp.nonce},
                    {"oauth_signature_method", "HMAC-SHA1"},
                    {"oauth_timestamp", std::to_string(stamp.timestamp)},
                    {"oauth_version", "1.0"}};
  if (!token.token.empty()) own.emplace_back("oauth_token", token.token);
  own.insert(own.end(), more.begin(), more.end());
  Parameters all = own;
  all.insert(all.end(), form.begin(), form.end());
  own.emplace_back("oauth_signature",
                   signature(base_string(method, url, all), consumer.secret, token.secret));
  std::string header = "Authorization: OAuth ";
  for (const auto& [name, value] : own) {
    if (&name != &own.front().first) header += ", ";
    header.append(percent_encode(name)).append("=\"").append(percent_encode(value)).append("\"");
  }
  return header;
}

}  // namespace pigeon::oauth
