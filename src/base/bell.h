// How threads that wait for one kind of work are woken, each for itself: one ring wakes one of them.
// The committed row is the work; a ring carries nothing, may be spurious, and is kept until somebody has
// looked, so that no ring is lost between a thread's look at the store and its sleep.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include "base/clock.h"

namespace pigeon {

class Bell {
 public:
  // Wakes the thread that fell asleep last (its caches and connections are the warmest), or the next one that
  // would. Any thread; never blocks for long.
  void ring();
  // Wakes every thread that waits now: the clock stepped, or the program stops.
  void ring_all();
  // Until a ring or `deadline` (SteadyTime::max(): no deadline). True: it was a ring, which is used up.
  bool wait(SteadyTime deadline);
  // Threads inside wait() that no ring has reached yet.
  [[nodiscard]] std::size_t sleepers() const;

 private:
  struct Sleeper {
    std::condition_variable woken;
    bool rung = false;
  };
  mutable std::mutex mutex_;
  std::vector<Sleeper*> sleepers_;  // who fell asleep last stands last
  bool kept_ = false;               // a ring while nobody slept
};

}  // namespace pigeon
