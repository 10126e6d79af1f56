// Budgets on an invented clock, of several clients, and from several threads.
#include "web/rate_limit.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using pigeon::SteadyTime;
using pigeon::web::Budget;

namespace {

int take_all(Budget& budget, SteadyTime now, const std::string& client = "ada") {
  int taken = 0;
  while (budget.take(client, now)) ++taken;
  return taken;
}

}  // namespace

TEST_CASE("rate limit: the burst is there at once, then nothing") {
  Budget budget({3, 100ms});
  CHECK(take_all(budget, SteadyTime(10s)) == 3);
  CHECK_FALSE(budget.take("ada", SteadyTime(10s)));
}

TEST_CASE("rate limit: one more for every interval that passes") {
  Budget budget({3, 100ms});
  CHECK(take_all(budget, SteadyTime(10s)) == 3);
  CHECK_FALSE(budget.take("ada", SteadyTime(10s + 99ms)));
  CHECK(take_all(budget, SteadyTime(10s + 100ms)) == 1);
  CHECK(take_all(budget, SteadyTime(10s + 300ms)) == 2);
}

TEST_CASE("rate limit: a long rest fills it to the burst and no further") {
  Budget budget({3, 100ms});
  CHECK(take_all(budget, SteadyTime(10s)) == 3);
  CHECK(take_all(budget, SteadyTime(10h)) == 3);
}

TEST_CASE("rate limit: a clock reading from before the last filling gives nothing for free") {
  Budget budget({2, 100ms});
  CHECK(take_all(budget, SteadyTime(10s)) == 2);
  CHECK_FALSE(budget.take("ada", SteadyTime(9s)));
  CHECK_FALSE(budget.take("ada", SteadyTime(10s + 50ms)));
  CHECK(budget.take("ada", SteadyTime(10s + 100ms)));
}

TEST_CASE("rate limit: threads share one budget exactly") {
  Budget budget({1000, 1h});
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 500; ++n) {
        if (budget.take("ada", SteadyTime(1s))) ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(taken == 1000);
}

TEST_CASE("rate limit: what one client uses up costs another nothing") {
  Budget budget({3, 100ms});
  CHECK(take_all(budget, SteadyTime(10s), "stranger") == 3);
  CHECK(take_all(budget, SteadyTime(10s), "ada") == 3);
  CHECK(take_all(budget, SteadyTime(10s), "stranger") == 0);
}

TEST_CASE("rate limit: the table is bounded, and whoever came last stays in it") {
  Budget budget({3, 1h}, 4);
  CHECK(take_all(budget, SteadyTime(10s), "ada") == 3);
  for (int i = 0; i < 1000; ++i) {
    CHECK(budget.take("stranger " + std::to_string(i), SteadyTime(10s)));
    CHECK_FALSE(budget.take("ada", SteadyTime(10s)));
    CHECK(budget.clients() <= 4);
  }
  for (int i = 0; i < 4; ++i) CHECK(budget.take("stranger " + std::to_string(i), SteadyTime(10s)));
  CHECK(take_all(budget, SteadyTime(10s), "ada") == 3);  // forgotten, so as new
}
