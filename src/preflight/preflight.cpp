// The order in which a box is looked at; see preflight.h.
#include "preflight/preflight.h"

#include <algorithm>

#include "base/file.h"
#include "preflight/checks.h"
#include "store/store.h"

namespace pigeon::preflight {

ConfigFile examine(const std::string& path) {
  ConfigFile file = read_config_file(path);
  const bool unreadable = !file.mistakes.empty() && file.mistakes.front().line == 0;
  if (unreadable) return file;
  check_secrets(file);
  check_modems(file);
  check_database(file);
  check_listen(file, store::Store::is_owned(follow_links(file.config.store.path)));
  sort_by_line(file.mistakes);
  return file;
}

int exit_status(const ConfigFile& file) {
  if (file.mistakes.empty()) return 0;
  const bool all_pass = std::all_of(file.mistakes.begin(), file.mistakes.end(), [](const Mistake& mistake) {
    return mistake.passing != Mistake::Passing::no;
  });
  return all_pass ? 1 : 2;
}

bool may_start(const ConfigFile& file) {
  return std::all_of(file.mistakes.begin(), file.mistakes.end(),
                     [](const Mistake& mistake) { return mistake.passing == Mistake::Passing::waits; });
}

}  // namespace pigeon::preflight
