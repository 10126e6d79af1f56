// Giving up root's rights; see service_user.h.
#include "preflight/service_user.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"

namespace pigeon::preflight {
namespace {

constexpr const char* kServiceUser = "carrier-pigeon";  // as the unit has it

const passwd* user_of(const std::string& config_path) {
  struct stat status {};
  if (::stat(config_path.c_str(), &status) == 0 && status.st_uid != 0) return ::getpwuid(status.st_uid);
  return config_path == kDefaultConfigPath ? ::getpwnam(kServiceUser) : nullptr;
}

}  // namespace

void become_service_user(const std::string& config_path) {
  if (::geteuid() != 0) return;
  const passwd* user = user_of(config_path);
  if (user == nullptr || user->pw_uid == 0) return;
  if (::initgroups(user->pw_name, user->pw_gid) != 0 || ::setgid(user->pw_gid) != 0) return;
  [[maybe_unused]] const int changed = ::setuid(user->pw_uid);
}

}  // namespace pigeon::preflight
