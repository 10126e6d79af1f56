// Token buckets, one for each client: what one stranger uses up costs nobody else anything.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace pigeon::web {

// `burst` at once, then one for every `interval` that passes.
struct Rate {
  double burst;
  milliseconds interval;
};

// Thread-safe. Remembers the clients that came last, `most` of them: a client who is forgotten has a full
// bucket again, so that many addresses push nobody out.
class Budget {
 public:
  explicit Budget(Rate rate, std::size_t most = 1024);
  // Takes one token of `client`; false when there is none, and then nothing was taken.
  [[nodiscard]] bool take(const std::string& client, SteadyTime now);
  [[nodiscard]] std::size_t clients() const;

 private:
  struct Bucket {
    std::string client;
    double tokens;
    SteadyTime filled_at;
  };
  [[nodiscard]] Bucket& bucket_of(const std::string& client, SteadyTime now);

  const Rate rate_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::list<Bucket> buckets_;  // who came last is first
  std::unordered_map<std::string, std::list<Bucket>::iterator> by_client_;
};

// What one client may use of this box; generous for people, small for programs.
struct Budgets {
  Budget requests{{120, milliseconds(50)}};  // everything but /healthz; many may share one address
  Budget health{{20, milliseconds(200)}};    // its own, so that it answers whoever monitors the box
  // Codes, states and cookies that do not exist. A code has 58 random bits and lives for minutes, so guessing
  // is hopeless at the rate of `requests` already; this keeps a guesser from costing more than a refusal.
  Budget unknown{{20, milliseconds(1000)}};
  // Of one pairing, whoever presses its button: a durable write each.
  Budget starts{{10, milliseconds(10000)}};
  Budget log_lines{{10, milliseconds(10000)}, 1};  // of the box: about what strangers caused
};

}  // namespace pigeon::web
