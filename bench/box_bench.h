// A box for measuring, and the measurements that several programs' parts share.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/e2e/box.h"

namespace pigeon::bench {

inline const std::string kAda = "+12025550123";

// Limits that no measurement meets, and a silent log.
[[nodiscard]] e2e::BoxOptions box_options();

// When the sandbox of X received each post, oldest first.
[[nodiscard]] std::vector<SteadyTime> post_times(const e2e::Box& box);

struct Latency {
  double p50 = 0, p95 = 0, max = 0;  // ms
};

// From before a text is handed to the modem (so +CMTI is not yet written) to the POST's arrival at the
// sandbox; texts of `length` characters at least, one at a time. Throws when one does not arrive.
[[nodiscard]] Latency measure_latency(e2e::Box& box, int texts, std::size_t length = 0);

// So many more people than Ada, linked.
[[nodiscard]] std::vector<std::string> link_people(e2e::Box& box, int count);

// Seconds from the first text at the modem to the last post of so many at once, written by `people` in turn:
// the posts of one person follow each other, those of several do not wait. Throws when one is missing.
[[nodiscard]] double measure_burst(e2e::Box& box, int texts, const std::vector<std::string>& people = {kAda});

}  // namespace pigeon::bench
