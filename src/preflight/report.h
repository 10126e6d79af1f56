// `pigeon config check`, which is also `pigeond --check-config`.
#pragma once

#include <iosfwd>
#include <string>

#include "config/config.h"

namespace pigeon::preflight {

// For people, at most 80 columns: all mistakes with line and cure, or that it is fine and what is configured.
[[nodiscard]] std::string to_text(const ConfigFile& file);
// For machines: {"file", "fine", "mistakes": [{"line", "key", "what", "cure"}]} on one line.
[[nodiscard]] std::string to_json(const ConfigFile& file);

// Looks at `path` as pigeond's user, prints one of the two, and returns exit_status(). The process gives up
// root's rights for it.
[[nodiscard]] int check(const std::string& path, bool json, std::ostream& out);

}  // namespace pigeon::preflight
