// Token buckets. Behind the front every peer has the same address and headers can say anything, so the
// budgets are the box's own: they bound what all strangers together can make it do.
#pragma once

#include <mutex>
#include <optional>

#include "base/clock.h"

namespace pigeon::web {

// Thread-safe. `burst` at once, then one for every `interval` that passes.
class TokenBucket {
 public:
  TokenBucket(double burst, milliseconds interval);  // full at first
  // Takes one token; false when there is none, and then nothing was taken.
  [[nodiscard]] bool take(SteadyTime now);

 private:
  const double burst_;
  const milliseconds interval_;
  std::mutex mutex_;
  double tokens_;
  std::optional<SteadyTime> filled_at_;
};

// What strangers may use of this box; generous for people, small for programs.
struct Budgets {
  TokenBucket requests{120, milliseconds(50)};  // everything but /healthz
  TokenBucket health{20, milliseconds(200)};    // its own, so that it answers under load
  TokenBucket starts{30, milliseconds(1000)};   // POST /auth/<code>: a durable write each
  // Codes and states that do not exist. A code has 58 random bits and lives for minutes, so guessing is
  // hopeless at the rate of `requests` already; this keeps a guesser from costing more than a refusal. Codes
  // that do exist are served all the same: a guesser must not be able to lock people out.
  TokenBucket unknown{30, milliseconds(1000)};
  TokenBucket log_lines{10, milliseconds(10000)};  // about what strangers caused
};

}  // namespace pigeon::web
