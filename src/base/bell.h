// How threads that wait for one kind of work are woken, each for itself: one ring wakes one of them.
// The committed row is the work; a ring carries nothing, may be spurious, and is kept until somebody has
// looked, so that no ring is lost between a thread's look at the store and its sleep.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/clock.h"

namespace pigeon {

class Bell {
 public:
  // Wakes one thread that waits, or the next one that will. Any thread; never blocks for long.
  void ring();
  // Wakes every thread that waits now: the clock stepped, or the program stops.
  void ring_all();
  // Until a ring or `deadline` (SteadyTime::max(): no deadline). True: it was a ring, which is used up.
  bool wait(SteadyTime deadline);

 private:
  std::mutex mutex_;
  std::condition_variable rung_;
  int rings_ = 0;     // not used up; never more than waiters can use
  int waiting_ = 0;   // threads inside wait()
  unsigned all_ = 0;  // counts ring_all()
};

}  // namespace pigeon
