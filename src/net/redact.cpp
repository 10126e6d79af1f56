// Taking secrets out of foreign words; see redact.h.
#include "net/redact.h"

#include "base/text.h"

namespace pigeon::net {
namespace {

constexpr std::size_t kMaxShown = 300;
constexpr std::string_view kMark = "[secret]";

void replace_all(std::string& text, std::string_view secret) {
  if (secret.empty()) return;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + kMark.size())) {
    text.replace(at, secret.size(), kMark);
  }
}

}  // namespace

std::string redact(std::string_view text, std::initializer_list<std::string_view> secrets) {
  std::string out(text);
  for (const std::string_view secret : secrets) replace_all(out, secret);
  return shorten(escape_controls(out), kMaxShown);
}

}  // namespace pigeon::net
