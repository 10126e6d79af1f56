// Stands between SQLite and its files while it lives: counts the calls by which a file is written to the
// disk, and can hold them up or refuse them.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <map>
#include <mutex>

namespace pigeon::store {

class SyncWatch {
 public:
  enum class File { log, other };

  SyncWatch() {
    self_ = this;
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "sync-watch";
    vfs_.xOpen = open;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~SyncWatch() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
    self_ = nullptr;
  }
  SyncWatch(const SyncWatch&) = delete;
  SyncWatch& operator=(const SyncWatch&) = delete;

  [[nodiscard]] int count(File file) {
    const std::lock_guard lock(mutex_);
    return counts_[file];
  }
  [[nodiscard]] int count() { return count(File::log) + count(File::other); }
  // Called by the thread that syncs, instead of it where it gives an error. Before threads start.
  void before_sync(std::function<int(File)> hook) { hook_ = std::move(hook); }

 private:
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    const int opened = real_->xOpen(real_, name, file, flags, out_flags);
    if (file->pMethods == nullptr) return opened;
    const std::lock_guard lock(self_->mutex_);
    self_->kinds_[file] = (flags & SQLITE_OPEN_WAL) != 0 ? File::log : File::other;
    self_->real_sync_ = file->pMethods->xSync;  // the same for every kind of file
    sqlite3_io_methods& watched = self_->methods_[file->pMethods];
    watched = *file->pMethods;
    watched.xSync = sync;
    file->pMethods = &watched;
    return opened;
  }
  static int sync(sqlite3_file* file, int flags) {
    File kind = File::other;
    {
      const std::lock_guard lock(self_->mutex_);
      kind = self_->kinds_[file];
      ++self_->counts_[kind];
    }
    const int refused = self_->hook_ ? self_->hook_(kind) : SQLITE_OK;
    return refused != SQLITE_OK ? refused : self_->real_sync_(file, flags);
  }

  static inline SyncWatch* self_ = nullptr;
  static inline sqlite3_vfs* real_ = nullptr;
  std::mutex mutex_;
  std::map<const sqlite3_io_methods*, sqlite3_io_methods> methods_;
  std::map<const sqlite3_file*, File> kinds_;
  std::map<File, int> counts_;
  int (*real_sync_)(sqlite3_file*, int) = nullptr;
  std::function<int(File)> hook_;
  sqlite3_vfs vfs_{};
};

}  // namespace pigeon::store
