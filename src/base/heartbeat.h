// A thread's promise of when it will be back, so that a watchdog can tell sleeping from stuck.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace pigeon {

class Heartbeat {
 public:
  // Called by the owning thread before each step that may block.
  void back_by(SteadyTime time) { due_.store(time.time_since_epoch().count(), std::memory_order_relaxed); }
  // Before a wait without limit.
  void may_sleep() { back_by(SteadyTime::max()); }
  // Any thread: the promise was broken.
  [[nodiscard]] bool overdue(SteadyTime now) const {
    return now.time_since_epoch().count() > due_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<SteadyTime::rep> due_{SteadyTime::max().time_since_epoch().count()};
};

}  // namespace pigeon
