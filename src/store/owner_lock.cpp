// A lock on a file beside the database; see owner_lock.h.
#include "store/owner_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "store/storage_health.h"

namespace pigeon::store {

Result<Fd> take_ownership(const std::string& path) {
  const std::string lock_path = path + ".lock";
  Fd fd(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return fail_errno(lock_path, errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return fail(Errc::conflict, path + ": another pigeond is using this database");
    return fail_errno(lock_path, errno);
  }
  write_record(fd.get(), std::nullopt);  // now, while there may be room for it
  return fd;
}

bool is_owned(const std::string& path) {
  const Fd fd(::open((path + ".lock").c_str(), O_RDONLY | O_CLOEXEC));
  return fd && ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace pigeon::store
