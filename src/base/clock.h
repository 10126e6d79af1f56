// The two clocks of the house: UTC for what is stored and shown, steady for deadlines.
// Pure code takes the time as a parameter; only loops and mains call now().
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace pigeon {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Wall-clock time. A Pi without an RTC may start years off: never use it for a deadline.
using UtcTime = std::chrono::sys_time<milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

[[nodiscard]] UtcTime utc_now();        // whole milliseconds; steps when the wall clock is set
[[nodiscard]] SteadyTime steady_now();  // never steps; means nothing outside this process

// Where the time comes from: the system's clocks in the program, a test's hand in a test. Any thread.
class Clock {
 public:
  Clock() = default;
  virtual ~Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  [[nodiscard]] virtual UtcTime utc() const = 0;
  [[nodiscard]] virtual SteadyTime steady() const = 0;
  // Since the machine has started, time in suspend included (CLOCK_BOOTTIME); no step of the wall clock
  // touches it.
  [[nodiscard]] virtual milliseconds since_boot() const = 0;
  // Which start of the machine that was (/proc/sys/kernel/random/boot_id); empty where nothing tells.
  [[nodiscard]] virtual std::string boot_id() const = 0;
};

// The system's; lives as long as the program.
[[nodiscard]] const Clock& system_clock();

// Milliseconds since 1970-01-01T00:00:00Z, the form in which the store keeps times.
[[nodiscard]] std::int64_t to_unix_ms(UtcTime time);
[[nodiscard]] UtcTime from_unix_ms(std::int64_t ms);  // the way back

// "2026-11-21T09:43:21Z" (RFC 3339, whole seconds). With an offset: "2026-11-21T10:43:21+01:00".
[[nodiscard]] std::string to_rfc3339(UtcTime time, std::chrono::minutes offset = {});

// For poll(2): whole milliseconds until `deadline`, rounded up, 0 when past, at most INT_MAX.
[[nodiscard]] int poll_timeout(SteadyTime deadline, SteadyTime now = steady_now());

}  // namespace pigeon
