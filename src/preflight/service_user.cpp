// Giving up root's rights; see service_user.h.
#include "preflight/service_user.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"

namespace pigeon::preflight {
namespace {

constexpr const char* kServiceUser = "carrier-pigeon";  // as the unit has it; its group is called so, too

const passwd* user_of(const std::string& config_path) {
  struct stat status {};
  if (::stat(config_path.c_str(), &status) == 0 && status.st_uid != 0) return ::getpwuid(status.st_uid);
  return config_path == kDefaultConfigPath ? ::getpwnam(kServiceUser) : nullptr;
}

std::optional<unsigned> service_group() {
  const group* found = ::getgrnam(kServiceUser);
  if (found == nullptr) return std::nullopt;
  return found->gr_gid;
}

}  // namespace

void become_service_user(const std::string& config_path) {
  if (::geteuid() != 0) return;
  const passwd* user = user_of(config_path);
  if (user == nullptr || user->pw_uid == 0) return;
  if (::initgroups(user->pw_name, user->pw_gid) != 0 || ::setgid(user->pw_gid) != 0) return;
  [[maybe_unused]] const int changed = ::setuid(user->pw_uid);
}

std::string closing_cure(const std::string& path, unsigned owner, unsigned group,
                         std::optional<unsigned> service_group) {
  const bool is_for_service = service_group && (group == *service_group || owner == 0);
  if (!is_for_service) return "chmod 600 " + path;
  const std::string closed = "chmod 640 " + path;
  return group == *service_group ? closed
                                 : "chgrp " + std::string(kServiceUser) + " " + path + " && " + closed;
}

std::string closing_cure(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return "chmod 600 " + path;
  return closing_cure(path, status.st_uid, status.st_gid, service_group());
}

std::string writing_cure(const std::string& path) {
  const passwd* user = ::getpwnam(kServiceUser);
  if (user == nullptr || !service_group() || user->pw_uid != ::geteuid())
    return "install -m 600 /dev/stdin " + path;
  return "sudo install -o root -g " + std::string(kServiceUser) + " -m 640 /dev/stdin " + path;
}

}  // namespace pigeon::preflight
