// TOML that may be broken: every line that is not TOML becomes a mistake, and the rest is read all the same.
#pragma once

#include <toml++/toml.h>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/mistakes.h"

namespace pigeon {

// The table at the top of TomlText::root that holds what stands under a header's repetition.
inline constexpr std::string_view kAgain = "pigeon-again";

struct TomlText {
  toml::table root;
  std::vector<Mistake> mistakes;      // lines that are not TOML; `root` is read without them
  std::set<std::string> broken_keys;  // theirs, "x.client_id": given, though nobody can read them
  bool whole = true;                  // false: reading had to end early, `root` is empty
};

[[nodiscard]] TomlText parse_toml(std::string_view text);

}  // namespace pigeon
