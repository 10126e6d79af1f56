// Token buckets on an invented clock, and from several threads.
#include "web/rate_limit.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using pigeon::SteadyTime;
using pigeon::web::TokenBucket;

namespace {

int take_all(TokenBucket& bucket, SteadyTime now) {
  int taken = 0;
  while (bucket.take(now)) ++taken;
  return taken;
}

}  // namespace

TEST_CASE("rate limit: the burst is there at once, then nothing") {
  TokenBucket bucket(3, 100ms);
  CHECK(take_all(bucket, SteadyTime(10s)) == 3);
  CHECK_FALSE(bucket.take(SteadyTime(10s)));
}

TEST_CASE("rate limit: one more for every interval that passes") {
  TokenBucket bucket(3, 100ms);
  CHECK(take_all(bucket, SteadyTime(10s)) == 3);
  CHECK_FALSE(bucket.take(SteadyTime(10s + 99ms)));
  CHECK(take_all(bucket, SteadyTime(10s + 100ms)) == 1);
  CHECK(take_all(bucket, SteadyTime(10s + 300ms)) == 2);
}

TEST_CASE("rate limit: a long rest fills it to the burst and no further") {
  TokenBucket bucket(3, 100ms);
  CHECK(take_all(bucket, SteadyTime(10s)) == 3);
  CHECK(take_all(bucket, SteadyTime(10h)) == 3);
}

TEST_CASE("rate limit: a clock reading from before the last filling gives nothing for free") {
  TokenBucket bucket(2, 100ms);
  CHECK(take_all(bucket, SteadyTime(10s)) == 2);
  CHECK_FALSE(bucket.take(SteadyTime(9s)));
  CHECK_FALSE(bucket.take(SteadyTime(10s + 50ms)));
  CHECK(bucket.take(SteadyTime(10s + 100ms)));
}

TEST_CASE("rate limit: threads share one budget exactly") {
  TokenBucket bucket(1000, 1h);
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 500; ++n) {
        if (bucket.take(SteadyTime(1s))) ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(taken == 1000);
}
