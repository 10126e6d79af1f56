// A stack of sleepers; see bell.h.
#include "base/bell.h"

#include <algorithm>

namespace pigeon {

void Bell::ring() {
  const std::lock_guard lock(mutex_);
  if (sleepers_.empty()) {
    kept_ = true;  // one is enough: who looks again and leaves work behind rings for the next
    return;
  }
  Sleeper& last = *sleepers_.back();
  sleepers_.pop_back();
  last.rung = true;
  last.woken.notify_one();  // under the lock: the sleeper's variable is gone as soon as it runs
}

void Bell::ring_all() {
  const std::lock_guard lock(mutex_);
  for (Sleeper* sleeper : sleepers_) {
    sleeper->rung = true;
    sleeper->woken.notify_one();
  }
  sleepers_.clear();
  kept_ = true;  // for a thread that is on its way into wait()
}

bool Bell::wait(SteadyTime deadline) {
  std::unique_lock lock(mutex_);
  if (kept_) {
    kept_ = false;
    return true;
  }
  Sleeper self;
  sleepers_.push_back(&self);
  const auto rung = [&self] { return self.rung; };
  if (deadline == SteadyTime::max()) {
    self.woken.wait(lock, rung);
  } else if (!self.woken.wait_until(lock, deadline, rung)) {
    sleepers_.erase(std::find(sleepers_.begin(), sleepers_.end(), &self));
    return false;
  }
  return true;
}

std::size_t Bell::sleepers() const {
  const std::lock_guard lock(mutex_);
  return sleepers_.size();
}

}  // namespace pigeon
