// The main thread's wait; see watchdog.h.
#include "daemon/watchdog.h"

#include <poll.h>

#include <algorithm>
#include <array>

#include "base/log.h"

namespace pigeon::daemon {

void keep_watch(const Watch& watch) {
  std::array<pollfd, 4> waiting{pollfd{watch.until_fd, POLLIN, 0}, pollfd{watch.clock_fd, POLLIN, 0},
                                pollfd{watch.reload_fd, POLLIN, 0}, pollfd{watch.news_fd, POLLIN, 0}};
  SteadyTime next_feed = watch.interval ? steady_now() + *watch.interval : SteadyTime::max();
  while (true) {
    const Watch::Look look = watch.look();
    if (!look.go_on) return;
    const SteadyTime until = std::min(next_feed, look.again.value_or(SteadyTime::max()));
    const int ready =
        ::poll(waiting.data(), waiting.size(), until == SteadyTime::max() ? -1 : poll_timeout(until));
    if (ready > 0 && waiting[0].revents != 0) return;
    if (ready > 0 && waiting[1].revents != 0) watch.clock_set();
    if (ready > 0 && waiting[2].revents != 0) watch.reload();
    if (steady_now() < next_feed) continue;
    next_feed = steady_now() + *watch.interval;
    if (const std::string stuck = watch.stuck(); stuck.empty())
      watch.feed();
    else
      log::error("pigeond", "stuck: " + stuck + "; the watchdog is not fed any more");
  }
}

}  // namespace pigeon::daemon
