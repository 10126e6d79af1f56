// The order in which a box is looked at; see preflight.h.
#include "preflight/preflight.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "preflight/checks.h"
#include "store/store.h"

namespace pigeon::preflight {
namespace {

// Who may not look into the data folder cannot tell pigeond's own address from one that another program has.
bool may_have_daemon(const std::string& database) {
  const std::string path = follow_links(database);
  if (store::Store::is_owned(path)) return true;
  return ::access((path + ".lock").c_str(), R_OK) != 0 && errno == EACCES;
}

}  // namespace

ConfigFile examine(const std::string& path) {
  ConfigFile file = read_config_file(path);
  const bool unreadable = !file.mistakes.empty() && file.mistakes.front().line == 0;
  if (unreadable) return file;
  check_secrets(file);
  check_modems(file);
  check_database(file);
  check_listen(file, may_have_daemon(file.config.store.path));
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
