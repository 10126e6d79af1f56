// One sync for all who wait; see group_commit.h.
#include "store/group_commit.h"

#include <sqlite3.h>

#include "store/sqlite.h"

namespace pigeon::store {
namespace {

[[noreturn]] void fail_to_sync(int code) {
  throw StorageError(code, "write the log to the disk: " + std::string(sqlite3_errstr(code)));
}

}  // namespace

void GroupCommit::committed() {
  sqlite3_file* log = nullptr;
  sqlite3_file_control(db_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  bool failed = false;
  {
    const std::lock_guard lock(mutex_);
    log_ = log;
    ++committed_;
    failed = failed_;
  }
  if (failed) repair();
}

bool GroupCommit::is_synced(std::uint64_t commits) {
  const std::lock_guard lock(mutex_);
  return synced_ >= commits;
}

void GroupCommit::sync() {
  std::unique_lock lock(mutex_);
  const std::uint64_t wanted = committed_;
  while (synced_ < wanted) {
    if (failed_) fail_to_sync(SQLITE_IOERR_FSYNC);
    if (syncing_) {
      ended_.wait(lock);
      continue;
    }
    syncing_ = true;
    const std::uint64_t reached = committed_;
    sqlite3_file* const log = log_;
    lock.unlock();
    const bool on_disk = log != nullptr && log->pMethods != nullptr;
    const int result =
        on_disk ? log->pMethods->xSync(log, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) : SQLITE_OK;
    lock.lock();
    syncing_ = false;
    if (result == SQLITE_OK)
      synced_ = reached;
    else
      failed_ = true;
    ended_.notify_all();
  }
}

void GroupCommit::doubt() {
  const std::lock_guard lock(mutex_);
  failed_ = true;
}

// Under the database's lock.
void GroupCommit::repair() {
  const int result = sqlite3_wal_checkpoint_v2(db_, "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (result != SQLITE_OK) fail_to_sync(result);
  const std::lock_guard lock(mutex_);
  failed_ = false;
  synced_ = committed_;
}

}  // namespace pigeon::store
