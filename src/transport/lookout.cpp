// Counting and listing; see lookout.h.
#include "transport/lookout.h"

namespace pigeon::transport {

void Lookout::start() {
  *this = Lookout(pace_);
}

void Lookout::listed(int messages, SteadyTime now) {
  known_ = messages;
  next_count_ = now + pace_.count_every;
  next_list_ = now + pace_.list_every;
}

void Lookout::freed() {
  if (known_ > 0) --known_;
}

bool Lookout::counted(std::optional<int> messages, SteadyTime now) {
  next_count_ = now + pace_.count_every;
  return !messages || *messages > known_ || now >= next_list_;
}

}  // namespace pigeon::transport
