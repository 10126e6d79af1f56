// Feeding the service manager's watchdog: only while every thread is where it promised to be, so that systemd
// restarts a daemon in which one hangs.
#pragma once

#include <functional>
#include <optional>

#include "base/clock.h"

namespace pigeon::daemon {

// Blocks until `until_fd` is readable. Every `interval` (none: no watchdog is set) it asks `healthy` and
// calls `feed` when the answer is yes; both run on the caller's thread.
void keep_watch(int until_fd, std::optional<milliseconds> interval, const std::function<bool()>& healthy,
                const std::function<void()>& feed);

}  // namespace pigeon::daemon
