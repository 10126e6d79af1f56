// What systemd wants to hear (sd_notify(3)): READY, RELOADING, STOPPING, a status line and the watchdog's
// keep-alive.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace pigeon::daemon::service_manager {

// READY=1 and the line that `systemctl status` shows; without a service manager, like all here, nothing.
void ready(const std::string& status);
// The line alone, when it has become another.
void status(const std::string& status);
// While the configuration is read again; ready() ends it.
void reloading();
// Before the threads are asked to end: the unit is deactivating from now on.
void stopping();
// Only while every thread keeps its promises: without it systemd restarts the daemon.
void keep_alive();
// How often keep_alive() is due: half of WatchdogSec, or nothing when no watchdog is set.
[[nodiscard]] std::optional<std::chrono::milliseconds> keep_alive_interval();

}  // namespace pigeon::daemon::service_manager
