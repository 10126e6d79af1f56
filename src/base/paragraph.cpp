// Greedy line breaking; see paragraph.h.
#include "base/paragraph.h"

#include <algorithm>

namespace pigeon {
namespace {

bool starts_code_point(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

// The first `count` code points of `text`, in bytes.
std::size_t bytes_of(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (starts_code_point(text[at]) && count-- == 0) return at;
    ++at;
  }
  return at;
}

}  // namespace

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_code_point));
}

std::string paragraph(std::string_view first, std::string_view text, std::size_t width) {
  const std::string indent(columns(first), ' ');
  const std::size_t room = std::max<std::size_t>(width - std::min(indent.size(), width), 1);
  std::string out;
  std::string line;
  const auto end_line = [&] {
    out += out.empty() ? std::string(first) : indent;
    out += line + "\n";
    line.clear();
  };
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, blank);
    text.remove_prefix(std::min(blank + 1, text.size()));
    if (word.empty()) continue;
    if (!line.empty() && columns(line) + 1 + columns(word) > room) end_line();
    while (columns(word) > room) {
      const std::size_t cut = bytes_of(word, room);
      line = word.substr(0, cut);
      word.remove_prefix(cut);
      end_line();
    }
    if (!line.empty() && !word.empty()) line += ' ';
    line += word;
  }
  if (!line.empty() || out.empty()) end_line();
  return out;
}

}  // namespace pigeon
