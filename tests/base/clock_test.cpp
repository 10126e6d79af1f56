// Times as text and as poll time-outs.
#include "base/clock.h"

#include <doctest/doctest.h>

#include <climits>

#include "base/heartbeat.h"

using namespace pigeon;

TEST_CASE("clock: RFC 3339 with and without an offset") {
  CHECK(to_rfc3339(from_unix_ms(0)) == "1970-01-01T00:00:00Z");
  CHECK(to_rfc3339(from_unix_ms(1'431'874'970'999)) == "2015-05-17T15:02:50Z");
  CHECK(to_rfc3339(from_unix_ms(1'431'874'970'000), std::chrono::hours(8)) == "2015-05-17T23:02:50+08:00");
  CHECK(to_rfc3339(from_unix_ms(1'431'874'970'000), -std::chrono::minutes(210)) ==
        "2015-05-17T11:32:50-03:30");
  CHECK(to_unix_ms(from_unix_ms(-5)) == -5);
}

TEST_CASE("clock: poll time-outs round up and never turn negative") {
  const SteadyTime now = steady_now();
  CHECK(poll_timeout(now, now) == 0);
  CHECK(poll_timeout(now - seconds(1), now) == 0);
  CHECK(poll_timeout(now + std::chrono::microseconds(1), now) == 1);
  CHECK(poll_timeout(now + seconds(2), now) == 2000);
  CHECK(poll_timeout(SteadyTime::max(), now) == INT_MAX);
}

TEST_CASE("heartbeat: a broken promise is seen, sleep without limit is not one") {
  Heartbeat heartbeat;
  const SteadyTime now = steady_now();
  CHECK_FALSE(heartbeat.overdue(now));
  heartbeat.back_by(now + seconds(1));
  CHECK_FALSE(heartbeat.overdue(now));
  CHECK(heartbeat.overdue(now + seconds(2)));
  heartbeat.may_sleep();
  CHECK_FALSE(heartbeat.overdue(now + std::chrono::hours(1000)));
}
