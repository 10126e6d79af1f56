// A timer that is only there to be cancelled; see clock_watch.h.
#include "daemon/clock_watch.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdint>
#include <limits>

namespace pigeon::daemon {

ClockWatch::ClockWatch() : fd_(::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)) {
  arm();
}

void ClockWatch::arm() {
  if (!fd_) return;
  itimerspec never{};
  never.it_value.tv_sec =
      std::numeric_limits<std::int32_t>::max();  // 2038; then it fires once, which is fine
  if (::timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr) != 0)
    fd_ = Fd();
}

void ClockWatch::clear() {
  std::uint64_t expirations = 0;
  [[maybe_unused]] const ssize_t got = ::read(fd_.get(), &expirations, sizeof expirations);  // ECANCELED
  arm();
}

}  // namespace pigeon::daemon
