// Composing the line; see status_line.h.
#include "daemon/status_line.h"

#include "base/text.h"

namespace pigeon::daemon {

std::string status_line(const std::string& what, const std::vector<store::Condition>& conditions) {
  if (conditions.empty()) return what;
  std::string line = what + "; wrong: " + store::sentence_of(conditions.front());
  if (conditions.size() > 1) line += " (and " + std::to_string(conditions.size() - 1) + " more, see: pigeon)";
  return escape_controls(line);  // a modem's words may be in it, and a line break would end the message
}

void StatusLine::refresh() {
  const std::string line = status_line(note_.empty() ? what_ : what_ + "; " + note_, parts_.conditions());
  if (line == told_) return;
  told_ = line;
  parts_.tell(line);
}

}  // namespace pigeon::daemon
