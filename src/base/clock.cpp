// Clock readings and their text form; see clock.h.
#include "base/clock.h"

#include <time.h>

#include <algorithm>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/file.h"
#include "base/text.h"

namespace pigeon {
namespace {

class SystemClock : public Clock {
 public:
  [[nodiscard]] UtcTime utc() const override { return utc_now(); }
  [[nodiscard]] SteadyTime steady() const override { return steady_now(); }
  [[nodiscard]] milliseconds since_boot() const override {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::floor<milliseconds>(seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
  [[nodiscard]] std::string boot_id() const override {
    const auto id = read_file("/proc/sys/kernel/random/boot_id");
    return id ? std::string(trim(*id)) : std::string();
  }
};

}  // namespace

UtcTime utc_now() {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

SteadyTime steady_now() {
  return std::chrono::steady_clock::now();
}

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::int64_t to_unix_ms(UtcTime time) {
  return time.time_since_epoch().count();
}

UtcTime from_unix_ms(std::int64_t ms) {
  return UtcTime(milliseconds(ms));
}

std::string to_rfc3339(UtcTime time, std::chrono::minutes offset) {
  const auto local = time + offset;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<seconds>(local - day));
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  std::string out = text;
  if (offset.count() == 0) return out + "Z";
  const auto minutes = std::abs(static_cast<int>(offset.count()));
  std::snprintf(text, sizeof text, "%c%02d:%02d", offset.count() < 0 ? '-' : '+', minutes / 60, minutes % 60);
  return out + text;
}

int poll_timeout(SteadyTime deadline, SteadyTime now) {
  if (deadline <= now) return 0;
  const auto left = std::chrono::ceil<milliseconds>(deadline - now).count();
  return static_cast<int>(std::min<std::int64_t>(left, INT_MAX));
}

}  // namespace pigeon
