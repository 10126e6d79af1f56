// What others would have a modem's thread do between two commands of its own: raw AT commands of an operator,
// questions to the network by USSD, and texts of his own. They wait here, a few at most, until the thread's
// turn comes.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "modem/at/raw_command.h"
#include "modem/at/ussd.h"
#include "modem/sms/pdu.h"

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

// What has become of a text, part by part.
struct SendOutcome {
  std::vector<int> references;  // TP-MR of each part that the network has taken
  // Why the next part was not, and those behind it neither; Errc::outcome_unknown: perhaps it was.
  std::optional<Error> error;
};

// One text, tried once: no part is ever sent a second time.
struct SendErrand {
  std::vector<modem::Submit> parts;  // one at least
  std::function<bool()> is_wanted;   // false: whoever asked has gone, and nothing more is sent
  std::function<void()> begins;      // called before the first part is handed over; may be empty
  std::function<void(const SendOutcome& outcome)> done;
};

using AnyErrand = std::variant<Errand, UssdErrand, SendErrand>;

// Tells whoever asked that it is not done.
void refuse(const AnyErrand& errand, const Error& error);

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
