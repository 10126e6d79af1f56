// Filling and cutting; see cells.h.
#include "cli/cells.h"

#include <algorithm>

#include "base/paragraph.h"
#include "base/text.h"

namespace pigeon::cli {

std::string left(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(columns(text), width), ' ');
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(width - std::min(columns(text), width), ' ') + text;
}

std::string cut(const std::string& text, std::size_t width) {
  if (columns(text) <= width) return text;
  std::size_t end = 0;
  for (std::size_t i = 0; i + 1 < width; ++i) static_cast<void>(next_code_point(text, end));
  return text.substr(0, end) + "…";
}

std::string to_the_minute(UtcTime time) {
  std::string text = to_rfc3339(time).substr(0, 16);
  text[10] = ' ';
  return text;
}

}  // namespace pigeon::cli
