// gammu-smsd from Debian, measured in the same run on the same simulated modem.
#pragma once

#include "base/clock.h"
#include "bench/process_stats.h"

namespace pigeon::bench {

struct PeerResult {
  milliseconds p50{0}, p95{0},
      max{0};  // from handing a text to the modem to the first line of the on-receive script
  std::chrono::microseconds cpu_per_text{0};
  double wakeups_a_minute = 0;
  ProcessStats idle;
};

// gammu-smsd with the settings that make it quickest and a script that only writes the time. Throws when it
// is not installed or does not start.
[[nodiscard]] PeerResult measure_gammu_smsd(int texts, seconds idle_time);

}  // namespace pigeon::bench
