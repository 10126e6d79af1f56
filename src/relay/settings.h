// What deciding about texts needs to know of this box. Made before the threads start, never changed.
#pragma once

#include <string>

#include "base/clock.h"

namespace pigeon::relay {

// How often and how long. The defaults suit a real box; tests shorten them.
struct RelayTiming {
  milliseconds housekeeping = std::chrono::minutes(15);  // pruning
  milliseconds keep_pairings = std::chrono::hours(24);   // ended ones, for questions
  milliseconds doubts_end = std::chrono::hours(1);       // after a start: none of an earlier run is left
  milliseconds prune_again{20};                          // between two batches of pruning
  milliseconds longest_step = seconds(180);              // refresh, post and reply, each with its time-out
};

struct RelaySettings {
  std::string public_url;  // links are <public_url>/auth/<code>
  milliseconds pairing_expires = std::chrono::minutes(15);
  // What is over is deleted then.
  milliseconds keep = std::chrono::hours(30 * 24);
  int local_threads = 2;     // for what never waits for the network
  int network_threads = 16;  // each may wait for X; one that waits costs 0.1 MB
  RelayTiming timing{};
};

}  // namespace pigeon::relay
