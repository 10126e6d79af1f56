// One ring wakes one thread, the one that fell asleep last, and no ring is lost.
#include "base/bell.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "tests/eventually.h"

using namespace pigeon;

TEST_CASE("bell: a ring that nobody heard is heard by the next who would sleep, once") {
  Bell bell;
  bell.ring();
  bell.ring();
  CHECK(bell.wait(SteadyTime::max()));
  CHECK_FALSE(bell.wait(steady_now() + milliseconds(1)));
}

TEST_CASE("bell: the thread that fell asleep last is woken first, and each ring wakes one") {
  Bell bell;
  constexpr int kThreads = 3;
  std::array<std::atomic<bool>, kThreads> woken{};
  std::vector<std::thread> threads;
  for (std::atomic<bool>& mine : woken) {
    const std::size_t before = bell.sleepers();
    threads.emplace_back([&bell, &mine] { mine = bell.wait(SteadyTime::max()); });
    REQUIRE(test::eventually([&] { return bell.sleepers() > before; }));
  }
  for (int last = kThreads - 1; last >= 0; --last) {
    bell.ring();
    REQUIRE(test::eventually([&] { return woken[static_cast<std::size_t>(last)].load(); }));
    for (int earlier = 0; earlier < last; ++earlier) CHECK_FALSE(woken[static_cast<std::size_t>(earlier)]);
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("bell: a sleeper whose time is up does not take a ring with him") {
  Bell bell;
  std::atomic<bool> woken{false};
  std::thread patient([&] { woken = bell.wait(SteadyTime::max()); });
  REQUIRE(test::eventually([&] { return bell.sleepers() == 1; }));
  CHECK_FALSE(bell.wait(steady_now() + milliseconds(5)));
  bell.ring();
  REQUIRE(test::eventually([&] { return woken.load(); }));
  patient.join();
}

TEST_CASE("bell: ring_all wakes everybody, and who is on his way to sleep") {
  Bell bell;
  std::atomic<int> woken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      if (bell.wait(SteadyTime::max())) ++woken;
    });
  REQUIRE(test::eventually([&] { return bell.sleepers() == 3; }));
  bell.ring_all();
  for (std::thread& thread : threads) thread.join();
  CHECK(woken == 3);
  CHECK(bell.wait(SteadyTime::max()));
}
