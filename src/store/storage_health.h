// Whether what is committed reaches the disk. A disk that takes nothing cannot be told about in the database,
// so the owner keeps this beside it: in memory for his own threads, and as one record in the lock file, whose
// octets are there already and are only written over, for `pigeon`.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"

namespace pigeon::store {

struct StorageFailure {
  enum class Kind {
    full,     // no room
    locked,   // another process holds the database
    failing,  // read-only, or the device answers with errors
    damaged,  // what is read back is not what was written: nothing can be trusted any more
  };
  Kind kind = Kind::failing;
  UtcTime since{};
  UtcTime last_commit{};   // that reached the disk; 1970: none since the start
  std::int64_t count = 1;  // failures since then
};

// The kind of failure that an SQLite result code is; nothing where only the one statement is wrong.
[[nodiscard]] std::optional<StorageFailure::Kind> failure_of(int sqlite_code);

// Thread-safe.
class StorageHealth {
 public:
  void committed() { fresh_ = true; }  // in the log; not yet durable
  void synced();                       // what was committed is on the disk: a failure is over
  void failed(int sqlite_code);        // codes that are no failure of the storage are passed over
  [[nodiscard]] std::optional<StorageFailure> failure() const;
  // Called when a failure begins, ends or becomes another kind; by the thread that saw it, without locks of
  // this class. Before the threads start.
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }

 private:
  mutable std::mutex mutex_;
  std::optional<StorageFailure> failure_;  // guarded by mutex_
  std::atomic<bool> failing_{false};
  std::atomic<bool> fresh_{false};  // something was committed since the last failure
  std::atomic<std::int64_t> last_commit_{0};
  std::function<void()> changed_;
};

// The record in the lock file `fd`: writes it, all blanks for no failure; false: the disk does not take it.
bool write_record(int fd, const std::optional<StorageFailure>& failure);
// What its owner wrote into the file at `path`; nothing where there is no file or no failure.
[[nodiscard]] std::optional<StorageFailure> read_record(const std::string& path);

}  // namespace pigeon::store
