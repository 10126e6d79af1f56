// Carrying the write-ahead log into the database file where nobody waits for it. SQLite would do it in the
// commit that makes the log long enough, and that one, and everybody behind the lock, would pay for two syncs
// and hundreds of writes. Here a thread with a connection of its own does it once a second has passed without
// a commit, or, in a burst, when the log has become long. It sleeps until a commit makes work for it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "store/sqlite.h"

namespace pigeon::store {

// In pages of the log that are not in the database file yet; a page is 1 KiB.
struct CheckpointLimits {
  int worthwhile = 256;             // fewer are left for later: what is written twice is carried over once
  int anyway = 4096;                // so many are carried over also while commits go on
  milliseconds quiet = seconds(1);  // without a commit
};

class Checkpointer {
 public:
  // `db` is borrowed, a file, and the only one of its process that writes; no commit of it carries the log
  // over from now on. Before other threads use `db`. Throws StorageError.
  explicit Checkpointer(Database& db, const CheckpointLimits& limits = {});
  // Ends the thread, which may be at work for as long as some syncs take.
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  static int committed(void* self, sqlite3* db, const char* name, int pages);
  void run();
  [[nodiscard]] bool wait_for_work();
  void carry_over();
  [[nodiscard]] bool all_carried_over();

  Database& db_;
  const CheckpointLimits limits_;
  std::unique_ptr<sqlite3, Close> own_;  // only the thread uses it
  std::mutex mutex_;                     // taken under the database's lock, never the other way round
  std::condition_variable changed_;
  // Guarded by mutex_.
  bool stopping_ = false;
  int pages_ = 0;  // in the log
  int done_ = 0;   // of these, in the database file, or given up until there are more
  SteadyTime last_commit_{};
  std::thread thread_;
};

}  // namespace pigeon::store
