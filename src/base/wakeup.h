// How one thread tells another that a committed row waits for it: an eventfd.
// The row is the message; the wake-up carries nothing, may be spurious and is never needed for correctness.
#pragma once

#include "base/fd.h"

namespace pigeon {

class Wakeup {
 public:
  Wakeup();  // std::system_error when there is no descriptor left

  void notify();  // any thread; cheap, never blocks
  void clear();   // the waiting thread, after poll() and before it looks at the store
  [[nodiscard]] int fd() const { return fd_.get(); }  // readable while notified

 private:
  Fd fd_;
};

}  // namespace pigeon
