// What systemd wants to hear (sd_notify(3)): READY, STOPPING, a status line and the watchdog's keep-alive.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace pigeon::daemon::service_manager {

void ready(const std::string& status);
void stopping();
void keep_alive();
// How often keep_alive() is due: half of WatchdogSec, or nothing when no watchdog is set.
[[nodiscard]] std::optional<std::chrono::milliseconds> keep_alive_interval();

}  // namespace pigeon::daemon::service_manager
