// The main thread's wait; see watchdog.h.
#include "daemon/watchdog.h"

#include <poll.h>

#include <array>

#include "base/log.h"

namespace pigeon::daemon {

void keep_watch(const Watch& watch) {
  std::array<pollfd, 3> waiting{pollfd{watch.until_fd, POLLIN, 0}, pollfd{watch.clock_fd, POLLIN, 0},
                                pollfd{watch.reload_fd, POLLIN, 0}};
  SteadyTime next_look = watch.interval ? steady_now() + *watch.interval : SteadyTime::max();
  while (true) {
    const int timeout = watch.interval ? poll_timeout(next_look) : -1;
    const int ready = ::poll(waiting.data(), waiting.size(), timeout);
    if (ready > 0 && waiting[0].revents != 0) return;
    if (ready > 0 && waiting[1].revents != 0) watch.clock_set();
    if (ready > 0 && waiting[2].revents != 0) watch.reload();
    if (!watch.interval || steady_now() < next_look) continue;
    next_look = steady_now() + *watch.interval;
    if (watch.healthy())
      watch.feed();
    else
      log::error("pigeond", "a thread is stuck; the watchdog is not fed any more");
  }
}

}  // namespace pigeon::daemon
