// The main thread's wait; see watchdog.h.
#include "daemon/watchdog.h"

#include <poll.h>

#include "base/log.h"

namespace pigeon::daemon {

void keep_watch(int until_fd, std::optional<milliseconds> interval, const std::function<bool()>& healthy,
                const std::function<void()>& feed) {
  pollfd waiting{until_fd, POLLIN, 0};
  while (::poll(&waiting, 1, interval ? static_cast<int>(interval->count()) : -1) <= 0) {
    if (healthy())
      feed();
    else
      log::error("pigeond", "a thread is stuck; the watchdog is not fed any more");
  }
}

}  // namespace pigeon::daemon
