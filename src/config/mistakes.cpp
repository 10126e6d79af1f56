// Wording and order of mistakes; see mistakes.h.
#include "config/mistakes.h"

#include <algorithm>

#include "base/text.h"

namespace pigeon {

std::string in_one_line(const Mistake& mistake, std::string_view source) {
  std::string text(source);
  if (mistake.line > 0) text += ":" + std::to_string(mistake.line);
  text += ": " + mistake.what;
  if (!mistake.cure.empty()) text += "; " + mistake.cure;
  return escape_controls(text);
}

std::string in_lines(const std::vector<Mistake>& mistakes, std::string_view source) {
  std::string text;
  for (const Mistake& mistake : mistakes) text += (text.empty() ? "" : "\n") + in_one_line(mistake, source);
  return text;
}

void sort_by_line(std::vector<Mistake>& mistakes) {
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.line < b.line; });
}

}  // namespace pigeon
