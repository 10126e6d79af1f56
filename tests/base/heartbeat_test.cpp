// Heartbeat: sleeping is not stuck, and a broken promise shows.
#include "base/heartbeat.h"

#include <doctest/doctest.h>

using namespace pigeon;

TEST_CASE("heartbeat: a promise is broken after its time and not before") {
  Heartbeat heartbeat;
  const SteadyTime now = steady_now();
  CHECK_FALSE(heartbeat.overdue(now));  // nothing was promised yet
  heartbeat.back_by(now + seconds(10));
  CHECK_FALSE(heartbeat.overdue(now + seconds(10)));
  CHECK(heartbeat.overdue(now + seconds(10) + milliseconds(1)));
  heartbeat.back_by(now + seconds(20));  // back in time, or late: the new promise counts
  CHECK_FALSE(heartbeat.overdue(now + seconds(11)));
}

TEST_CASE("heartbeat: a wait without limit is never overdue") {
  Heartbeat heartbeat;
  heartbeat.back_by(steady_now());
  heartbeat.may_sleep();
  CHECK_FALSE(heartbeat.overdue(steady_now() + std::chrono::hours(24 * 365)));
}
