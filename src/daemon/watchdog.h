// Feeding the service manager's watchdog: only while every thread is where it promised to be, so that systemd
// restarts a daemon in which one hangs.
#pragma once

#include <functional>
#include <optional>

#include "base/clock.h"

namespace pigeon::daemon {

// What keep_watch() asks and tells; everything runs on its caller's thread.
struct Watch {
  int until_fd = -1;                       // readable: the end
  std::optional<milliseconds> interval{};  // between two looks at `healthy`; none: no watchdog is set
  std::function<bool()> healthy{};
  std::function<void()> feed{};  // when the answer was yes
  int clock_fd = -1;             // readable: the clock was set (ClockWatch)
  std::function<void()> clock_set = [] {};
  int reload_fd = -1;  // readable: somebody asks for a reload
  std::function<void()> reload = [] {};
};

// Blocks until `until_fd` is readable.
void keep_watch(const Watch& watch);

}  // namespace pigeon::daemon
