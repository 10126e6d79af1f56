// A clock that a test moves by hand.
#pragma once

#include <atomic>
#include <string>

#include "base/clock.h"

namespace pigeon::test {

class ManualClock : public Clock {
 public:
  [[nodiscard]] UtcTime utc() const override { return from_unix_ms(utc_); }
  [[nodiscard]] SteadyTime steady() const override { return SteadyTime(milliseconds(passed_)); }
  [[nodiscard]] milliseconds since_boot() const override { return milliseconds(passed_ - booted_); }
  [[nodiscard]] std::string boot_id() const override { return "boot-" + std::to_string(boots_); }

  // Time passes: every clock moves.
  void pass(milliseconds time) {
    passed_ += time.count();
    utc_ += time.count();
  }
  // Somebody sets the wall clock; nothing else moves.
  void set(UtcTime utc) { utc_ = to_unix_ms(utc); }
  void step(milliseconds by) { utc_ += by.count(); }
  // The machine was off for `off`; its wall clock says `utc` when it is on again.
  void reboot(milliseconds off, UtcTime utc) {
    passed_ += off.count();
    booted_ = passed_.load();
    ++boots_;
    set(utc);
  }

 private:
  std::atomic<std::int64_t> utc_{1'795'000'000'000};  // November 2026
  std::atomic<std::int64_t> passed_{5'000'000};
  std::atomic<std::int64_t> booted_{0};
  std::atomic<int> boots_{1};
};

}  // namespace pigeon::test
