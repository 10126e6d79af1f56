// A disk that can be full, under every database that is opened while it lives: SQLite is told so at each
// write, as by the kernel (SQLITE_FULL).
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <map>
#include <mutex>

namespace pigeon::test {

// One at a time; made before the databases it is to carry, and gone after them.
class FullDisk {
 public:
  FullDisk() {
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "full-disk";
    vfs_.xOpen = open;
    full_ = false;
    refused_ = 0;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FullDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

  void fill() { full_ = true; }                           // any thread
  void make_room() { full_ = false; }                     // any thread
  [[nodiscard]] int refused() const { return refused_; }  // writes that found no room so far

 private:
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    const int opened = real_->xOpen(real_, name, file, flags, out_flags);
    if (file->pMethods == nullptr) return opened;
    const std::lock_guard lock(mutex_);
    real_write_ = file->pMethods->xWrite;  // the same for every kind of file
    sqlite3_io_methods& ours = methods_[file->pMethods];
    ours = *file->pMethods;
    ours.xWrite = write;
    file->pMethods = &ours;
    return opened;
  }
  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    if (!full_) return real_write_(file, data, size, offset);
    ++refused_;
    return SQLITE_FULL;
  }

  static inline sqlite3_vfs* real_ = nullptr;
  static inline std::mutex mutex_;
  static inline std::map<const sqlite3_io_methods*, sqlite3_io_methods> methods_;
  static inline int (*real_write_)(sqlite3_file*, const void*, int, sqlite3_int64) = nullptr;
  static inline std::atomic<bool> full_ = false;
  static inline std::atomic<int> refused_ = 0;
  sqlite3_vfs vfs_{};
};

}  // namespace pigeon::test
