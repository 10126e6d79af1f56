// How commits reach the disk: SQLite appends them to its write-ahead log without waiting
// (synchronous=NORMAL), and one fdatasync(2) of the log, outside the database's lock, is for all who wait.
// The log is written in the order of the commits, so whoever waits for his own waits for all before it, too.
//
// A sync that fails leaves the kernel free to forget what it could not write and to report success the next
// time. So nothing counts as durable then before a checkpoint has carried the whole log into the database
// file and emptied it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

struct sqlite3;
struct sqlite3_file;

namespace pigeon::store {

class GroupCommit {
 public:
  // `db` is borrowed, and in WAL mode or in memory (where there is nothing to wait for).
  explicit GroupCommit(sqlite3* db) : db_(db) {}

  // One more commit stands in the log. Under the database's lock; throws StorageError when an earlier sync
  // failed and its commits cannot be saved yet.
  void committed();
  // Returns when all commits counted before the call are on the disk: at once where they are already. Any
  // thread, best without the database's lock. Throws StorageError when the disk does not take them.
  void sync();
  // How many are counted so far, and whether so many of them are on the disk: for who is in no hurry, and
  // lets somebody else sync. Any thread.
  [[nodiscard]] std::uint64_t commits() const { return committed_; }
  [[nodiscard]] bool is_synced(std::uint64_t commits);
  // Somebody else's sync of the same log, or of the database file, has failed: the next commit repairs it.
  void doubt();

 private:
  void repair();
  sqlite3* db_;
  // Written once, under the database's lock, before the first commit is counted.
  sqlite3_file* log_ = nullptr;
  std::atomic<std::uint64_t> committed_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  // Guarded by mutex_.
  std::uint64_t synced_ = 0;
  bool syncing_ = false;
  bool failed_ = false;
};

}  // namespace pigeon::store
