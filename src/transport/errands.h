// What others would have a modem's thread do between two commands of its own: raw AT commands of an operator,
// and questions to the network by USSD. They wait here, a few at most, until the thread's turn comes.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "modem/at/raw_command.h"
#include "modem/at/ussd.h"

namespace pigeon::transport {

// Of each kind: `done` is called on the modem's thread, once; it must not throw. Let go uncalled when the
// thread ends.
struct Errand {
  std::string command;      // of raw_command()
  milliseconds timeout{0};  // for the modem's answer
  bool may_harm = false;    // the driver looks at its settings afterwards
  std::function<void(const Result<modem::RawAnswer>& answer)> done;
};

struct UssdErrand {
  std::string text;         // a code, or the answer to the network's question; empty: ends a session
  milliseconds timeout{0};  // for the network's answer
  // An ended session is a reply of kind `ended`. Errc::busy: another one waits for its answer.
  std::function<void(const Result<modem::UssdReply>& reply)> done;
};

using AnyErrand = std::variant<Errand, UssdErrand>;

// Thread-safe.
class Errands {
 public:
  // False: as many wait as may wait.
  [[nodiscard]] bool add(AnyErrand errand);
  // The one that has waited longest; nothing where none waits.
  [[nodiscard]] std::optional<AnyErrand> next();
  [[nodiscard]] bool any();  // one waits

 private:
  std::mutex mutex_;
  std::deque<AnyErrand> waiting_;  // guarded by mutex_
};

}  // namespace pigeon::transport
