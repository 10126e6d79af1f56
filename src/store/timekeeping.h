// The wall clock as the rows see it. A box without a clock of its own starts years off and is set right
// later, or an operator sets it: then everything that is due or expires moves along, so that what was left of
// fifteen minutes is still left.
//
//   a run        every step of 2 s or more, seen by comparing the wall clock with the time since boot
//   a restart    of the program only: the same, exactly, by the pair of times that was kept
//   a reboot     a clock that is not before the last known time is right: what expired while off is expired;
//                a clock before it is not: what was left then is left now
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "store/sqlite.h"

namespace pigeon::store {

class Timekeeping {
 public:
  // Prepares the statements, so the tables must be there (StorageError). Both are borrowed.
  Timekeeping(Database& db, const Clock& clock);

  // Once, by the owner, before anything due is judged.
  void start(Transaction& transaction);
  // The time for rows, after moving them if the clock has been set since the last call. Whoever judges what
  // is due asks here, outside his transaction: inside one, a step is left to the next call. Any thread;
  // throws StorageError when a step cannot be committed.
  [[nodiscard]] UtcTime now();
  // Writes what the clock says, for the next start.
  void keep(Transaction& transaction);
  // Called after each step, on the thread that saw it; set before the threads start.
  void on_step(std::function<void()> wake) { wake_ = std::move(wake); }

 private:
  void shift_clock(Transaction& transaction, milliseconds step);
  void write(Transaction& transaction, UtcTime utc, milliseconds since_boot);
  Database& db_;
  const Clock& clock_;
  Statement read_, write_;
  std::function<void()> wake_;
  // Guarded by the database's lock: one moment on both clocks.
  UtcTime utc_{};
  milliseconds since_boot_{0};
};

}  // namespace pigeon::store
