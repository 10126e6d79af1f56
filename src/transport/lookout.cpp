// Counting and listing; see lookout.h.
#include "transport/lookout.h"

#include <algorithm>

namespace pigeon::transport {

void Lookout::start() {
  *this = Lookout(pace_);
}

void Lookout::listed(int messages, SteadyTime now) {
  known_ = messages;
  next_count_ = now + pace_.count_every;
  next_list_ = now + pace_.list_every;
}

void Lookout::doubted(SteadyTime now) {
  constexpr int kMostDoublings = 16;  // days, and it is listed for other reasons before
  next_doubt_ = now + pace_.doubt_after * (1 << doubts_);
  doubts_ = std::min(doubts_ + 1, kMostDoublings);
}

void Lookout::all_read() {
  doubts_ = 0;
  next_doubt_ = SteadyTime::max();
}

void Lookout::freed() {
  if (known_ > 0) --known_;
}

bool Lookout::counted(std::optional<int> messages, SteadyTime now) {
  next_count_ = now + pace_.count_every;
  return !messages || *messages > known_ || now >= next_list_;
}

}  // namespace pigeon::transport
