// Refilling and taking; see rate_limit.h.
#include "web/rate_limit.h"

#include <algorithm>

namespace pigeon::web {

Budget::Budget(Rate rate, std::size_t most) : rate_(rate), most_(most) {}

bool Budget::take(const std::string& client, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  Bucket& bucket = bucket_of(client, now);
  // Threads read the clock before they queue for the lock, so `now` may lie a little before the last filling.
  if (now > bucket.filled_at) {
    const std::chrono::duration<double, std::milli> passed = now - bucket.filled_at;
    const std::chrono::duration<double, std::milli> interval = rate_.interval;
    bucket.tokens = std::min(rate_.burst, bucket.tokens + passed / interval);
    bucket.filled_at = now;
  }
  if (bucket.tokens < 1.0) return false;
  bucket.tokens -= 1.0;
  return true;
}

std::size_t Budget::clients() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

Budget::Bucket& Budget::bucket_of(const std::string& client, SteadyTime now) {
  if (const auto known = by_client_.find(client); known != by_client_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, known->second);
    return buckets_.front();
  }
  if (buckets_.size() == most_) {
    by_client_.erase(buckets_.back().client);
    buckets_.pop_back();
  }
  buckets_.push_front({client, rate_.burst, now});
  by_client_.emplace(client, buckets_.begin());
  return buckets_.front();
}

}  // namespace pigeon::web
