// Refilling and taking; see rate_limit.h.
#include "web/rate_limit.h"

#include <algorithm>

namespace pigeon::web {

TokenBucket::TokenBucket(double burst, milliseconds interval)
    : burst_(burst), interval_(interval), tokens_(burst) {}

bool TokenBucket::take(SteadyTime now) {
  const std::lock_guard lock(mutex_);
  // Threads read the clock before they queue for the lock, so `now` may lie a little before the last filling.
  if (!filled_at_) filled_at_ = now;
  if (now > *filled_at_) {
    const std::chrono::duration<double, std::milli> passed = now - *filled_at_;
    tokens_ = std::min(burst_, tokens_ + passed / std::chrono::duration<double, std::milli>(interval_));
    filled_at_ = now;
  }
  if (tokens_ < 1.0) return false;
  tokens_ -= 1.0;
  return true;
}

}  // namespace pigeon::web
