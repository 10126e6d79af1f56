// Closing descriptors; see fd.h.
#include "base/fd.h"

#include <unistd.h>

namespace pigeon {

void Fd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace pigeon
