// When a modem that announces nothing is asked how many messages it holds, and when that is reason enough to
// list them. A count is a cheap question, but some firmware lies, so it is listed at times whatever it says.
// Pure: the time is passed in.
#pragma once

#include <optional>

#include "base/clock.h"

namespace pigeon::transport {

// Belongs to one modem's thread.
class Lookout {
 public:
  struct Pace {
    milliseconds count_every;  // while nothing is announced
    milliseconds list_every;   // while nothing is announced
    milliseconds doubt_after;  // when what could not be read is looked for first
  };
  explicit Lookout(Pace pace) : pace_(pace) {}

  // Another modem, or the same one once more: nothing is known of it.
  void start();
  void announced() { misses_ = false; }  // an indication came: the modem does announce
  // A listing that nothing but the time had asked for showed a text that is news: its indication did not
  // come, and the modem counts as one that announces nothing until one does.
  void missed() { misses_ = true; }
  // Whether it must be looked for texts, by what the modem has `settled` on and what became of that.
  [[nodiscard]] bool is_needed(bool settled) const { return misses_ || !settled; }

  void listed(int messages, SteadyTime now);  // all that the modem holds
  void freed();                               // one of them is gone
  // Something may lie there that could not be read: list again after a while, and each time in a row after
  // twice the while.
  void doubted(SteadyTime now);
  void all_read();
  [[nodiscard]] SteadyTime next_doubt() const { return next_doubt_; }  // then list; max: nothing is in doubt
  [[nodiscard]] SteadyTime next_count() const { return next_count_; }
  [[nodiscard]] SteadyTime next_list() const { return next_list_; }
  // Whether what the modem counts at `now` (nothing: it does not tell) is more than is known: then list.
  [[nodiscard]] bool counted(std::optional<int> messages, SteadyTime now);

 private:
  Pace pace_;
  bool misses_ = false;
  int doubts_ = 0;  // in a row
  int known_ = 0;   // messages that the last listing showed and that were not freed
  SteadyTime next_count_{}, next_list_{};
  SteadyTime next_doubt_ = SteadyTime::max();
};

}  // namespace pigeon::transport
