// Who listens to what is said on a modem's AT ports while it is said: watching and recording beside the
// program that owns the modem. Thread-safe; the port's thread tells, and waits for nobody but the listeners.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "modem/port/transcript.h"

namespace pigeon::modem {

class Traffic {
 public:
  // On the port's thread, in order; it must neither throw nor block. False: it wants to hear no more.
  using Listener = std::function<bool(const TranscriptEntry& entry)>;

  // False: as many listen as may listen.
  [[nodiscard]] bool listen(Listener listener);
  // Costs nothing while nobody listens. The times are since this was made.
  void tell(TranscriptEntry::Kind kind, std::string_view bytes, int port);

 private:
  const SteadyTime start_ = steady_now();
  std::atomic<bool> heard_{false};
  std::mutex mutex_;
  std::vector<Listener> listeners_;  // guarded by mutex_
};

}  // namespace pigeon::modem
