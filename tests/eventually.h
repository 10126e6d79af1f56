// Waiting in tests: for a condition, never for a time.
#pragma once

#include <functional>
#include <thread>

#include "base/clock.h"

namespace pigeon::test {

inline constexpr milliseconds kPatience = seconds(30);  // for anything that must happen; sanitizers are slow

// Looks at `condition` until it holds; false: not within `timeout`.
[[nodiscard]] inline bool eventually(const std::function<bool()>& condition,
                                     milliseconds timeout = kPatience) {
  const SteadyTime deadline = steady_now() + timeout;
  while (!condition()) {
    if (steady_now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

}  // namespace pigeon::test
