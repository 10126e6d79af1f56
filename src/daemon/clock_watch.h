// Hears that the wall clock was set, by NTP or by an operator (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET).
#pragma once

#include "base/fd.h"

namespace pigeon::daemon {

class ClockWatch {
 public:
  // Where the kernel gives no such timer, fd() is never readable: a step is then seen at the next look at
  // what is due.
  ClockWatch();
  [[nodiscard]] int fd() const { return fd_.get(); }  // readable once the clock was set; -1: never
  void clear();                                       // after it was readable; hears the next one

 private:
  void arm();
  Fd fd_;
};

}  // namespace pigeon::daemon
