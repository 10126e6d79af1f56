// Feeding the service manager's watchdog: only while every thread is where it promised to be, so that systemd
// restarts a daemon in which one hangs.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"

namespace pigeon::daemon {

// What keep_watch() asks and tells; everything runs on its caller's thread.
struct Watch {
  int until_fd = -1;                       // readable: the end
  std::optional<milliseconds> interval{};  // between two looks at `stuck`; none: no watchdog is set
  std::function<std::string()> stuck{};    // the threads that are not where they promised to be; empty: none
  std::function<void()> feed{};            // when there is none
  int clock_fd = -1;                       // readable: the clock was set (ClockWatch)
  std::function<void()> clock_set = [] {};
  int reload_fd = -1;  // readable: somebody asks for a reload
  std::function<void()> reload = [] {};
  int news_fd = -1;  // readable: something is wrong, or is so no more
  struct Look {
    bool go_on = true;                  // false: the end
    std::optional<SteadyTime> again{};  // look again by then, whatever happens
  };
  std::function<Look()> look = [] { return Look{}; };  // at once, after each of the above, and when it said
};

// Blocks until `until_fd` is readable or `look` ends it.
void keep_watch(const Watch& watch);

}  // namespace pigeon::daemon
