// A counted condition variable; see bell.h.
#include "base/bell.h"

#include <algorithm>

namespace pigeon {
namespace {
// Rings that are kept while nobody waits. Whoever wakes looks at the store again, and whoever leaves work
// behind rings again: a few kept rings are as good as a thousand.
constexpr int kKept = 32;
}  // namespace

void Bell::ring() {
  {
    const std::lock_guard lock(mutex_);
    rings_ = std::min(rings_ + 1, waiting_ + kKept);
  }
  rung_.notify_one();
}

void Bell::ring_all() {
  {
    const std::lock_guard lock(mutex_);
    ++all_;
    rings_ = std::max(rings_, 1);  // for a thread that is on its way into wait()
  }
  rung_.notify_all();
}

bool Bell::wait(SteadyTime deadline) {
  std::unique_lock lock(mutex_);
  ++waiting_;
  const unsigned all = all_;
  const auto rung = [this, all] { return rings_ > 0 || all_ != all; };
  bool in_time = true;
  if (deadline == SteadyTime::max())
    rung_.wait(lock, rung);
  else
    in_time = rung_.wait_until(lock, deadline, rung);
  --waiting_;
  if (rings_ > 0) --rings_;
  return in_time;
}

}  // namespace pigeon
