// The thread that carries the log over; see checkpointer.h.
#include "store/checkpointer.h"

#include <sqlite3.h>

namespace pigeon::store {

void Checkpointer::Close::operator()(sqlite3* db) const {
  sqlite3_close(db);
}

Checkpointer::Checkpointer(Database& db, const CheckpointLimits& limits) : db_(db), limits_(limits) {
  sqlite3* raw = nullptr;
  int result = sqlite3_open_v2(db.path().c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  own_.reset(raw);
  // Some memory less; and a look into the file, without which SQLite does not know that it has a log.
  if (result == SQLITE_OK) result = sqlite3_db_config(raw, SQLITE_DBCONFIG_LOOKASIDE, nullptr, 0, 0);
  if (result == SQLITE_OK) result = sqlite3_exec(raw, "PRAGMA user_version", nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) throw StorageError(result, "open " + db.path() + " for its log");
  sqlite3_wal_hook(db.handle(), committed, this);  // in the place of SQLite's own, which carries over
  thread_ = std::thread([this] { run(); });
}

Checkpointer::~Checkpointer() {
  {
    const auto held = db_.lock();
    sqlite3_wal_hook(db_.handle(), nullptr, nullptr);
  }
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

// By the thread that commits, under the database's lock.
int Checkpointer::committed(void* self, sqlite3*, const char*, int pages) {
  auto& my = *static_cast<Checkpointer*>(self);
  bool is_work = false;
  {
    const std::lock_guard lock(my.mutex_);
    if (pages < my.pages_) my.done_ = 0;  // the log was begun anew
    const int before = my.pages_ - my.done_;
    const int after = pages - my.done_;
    my.pages_ = pages;
    my.last_commit_ = steady_now();
    for (const int limit : {my.limits_.worthwhile, my.limits_.anyway})
      is_work = is_work || (before < limit && after >= limit);
  }
  if (is_work) my.changed_.notify_all();
  return SQLITE_OK;
}

void Checkpointer::run() {
  while (wait_for_work()) carry_over();
}

// False: it is over.
bool Checkpointer::wait_for_work() {
  std::unique_lock lock(mutex_);
  const auto is_waiting = [this](int limit) { return stopping_ || pages_ - done_ >= limit; };
  changed_.wait(lock, [&] { return is_waiting(limits_.worthwhile); });
  while (!is_waiting(limits_.anyway) && steady_now() < last_commit_ + limits_.quiet)
    changed_.wait_until(lock, last_commit_ + limits_.quiet);
  return !stopping_;
}

// What is committed meanwhile is left over, and keeps the log from being begun anew. Where that has become
// too much, the little that is left is carried over while nobody can commit.
void Checkpointer::carry_over() {
  if (all_carried_over()) return;
  {
    const std::lock_guard lock(mutex_);
    if (pages_ < limits_.anyway) return;
  }
  const auto quiet = db_.lock();
  static_cast<void>(all_carried_over());
}

bool Checkpointer::all_carried_over() {
  int pages = 0;
  int done = 0;
  const int result = sqlite3_wal_checkpoint_v2(own_.get(), "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &done);
  // A disk that is full is told about by the commits, which are what needs room.
  if ((result & 0xFF) == SQLITE_IOERR) db_.doubt_log();
  const std::lock_guard lock(mutex_);
  // A reader, another checkpoint or the disk was in the way: again when there is as much as now once more.
  const bool was_free = result == SQLITE_OK && done == pages;
  const bool is_all = was_free && done >= pages_;
  done_ = was_free && !is_all ? done : pages_;
  return is_all;
}

}  // namespace pigeon::store
