// What /proc says of a running process: memory, wake-ups and processor time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>

namespace pigeon::bench {

struct ProcessStats {
  double resident_mb = 0;            // VmRSS
  double private_dirty_mb = 0;       // smaps_rollup: what only this process holds and the kernel cannot drop
  int descriptors = 0;               // that are open, without connections
  int connections = 0;               // sockets of any kind
  std::map<std::string, int> files;  // what the descriptors are, without the numbers in their names
  long wakeups = 0;                  // voluntary context switches of all its threads so far
  std::chrono::microseconds cpu{0};  // user and system time of all its threads so far
};

[[nodiscard]] ProcessStats stats_of(pid_t pid);

}  // namespace pigeon::bench
