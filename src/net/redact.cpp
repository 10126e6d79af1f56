// Taking secrets out of foreign words; see redact.h.
#include "net/redact.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/text.h"

namespace pigeon::net {
namespace {

constexpr std::size_t kMaxShown = 300;
constexpr std::string_view kMark = "[secret]";

void replace_all(std::string& text, std::string_view secret) {
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + kMark.size())) {
    text.replace(at, secret.size(), kMark);
  }
}

// As it may come back. Without padding, which not everybody writes.
std::vector<std::string> forms_of(std::string_view secret) {
  const std::span octets(reinterpret_cast<const std::uint8_t*>(secret.data()), secret.size());
  std::string packed = base64(octets);
  packed.erase(packed.find_last_not_of('=') + 1);
  return {std::string(secret), percent_encode(secret), std::move(packed), base64url(octets)};
}

}  // namespace

std::string redact(std::string_view text, const std::vector<std::string_view>& secrets) {
  std::vector<std::string> forms;
  for (const std::string_view secret : secrets) {
    if (secret.empty()) continue;
    const auto more = forms_of(secret);
    forms.insert(forms.end(), more.begin(), more.end());
  }
  // A secret may be a part of another one.
  std::ranges::sort(forms, std::ranges::greater(), &std::string::size);
  std::string out(text);
  for (const std::string& form : forms) replace_all(out, form);
  return shorten(escape_controls(out), kMaxShown);
}

}  // namespace pigeon::net
