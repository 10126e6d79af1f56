// What others would have a modem's thread do between two commands of its own: raw AT commands of an operator.
// They wait here, a few at most, until the thread's turn comes.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "modem/at/raw_command.h"

namespace pigeon::transport {

struct Errand {
  std::string command;      // of raw_command()
  milliseconds timeout{0};  // for the modem's answer
  bool may_harm = false;    // the driver looks at its settings afterwards
  // On the modem's thread, once; it must not throw. Let go uncalled when the thread ends.
  std::function<void(const Result<modem::RawAnswer>& answer)> done;
};

// Thread-safe.
class Errands {
 public:
  // False: as many wait as may wait.
  [[nodiscard]] bool add(Errand errand);
  // The one that has waited longest; nothing where none waits.
  [[nodiscard]] std::optional<Errand> next();
  [[nodiscard]] bool any();  // one waits

 private:
  std::mutex mutex_;
  std::deque<Errand> waiting_;  // guarded by mutex_
};

}  // namespace pigeon::transport
