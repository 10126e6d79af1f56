// Who carries the log into the database file, and when: never a commit, but the thread of its own, at a quiet
// moment or when the log has become long.
#include "store/checkpointer.h"

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <atomic>
#include <semaphore>
#include <string>
#include <thread>

#include "store/sqlite.h"
#include "tests/eventually.h"
#include "tests/store/sync_watch.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using namespace pigeon::store;
using File = SyncWatch::File;

namespace {

constexpr milliseconds kNever = std::chrono::hours(1);

struct Box {
  test::TempFolder folder;
  SyncWatch syncs;
  std::atomic<int> by_commits{0};             // syncs of the database file
  std::atomic<int> refuse{0};                 // so many of them
  std::atomic<bool> log_synced{false};        // by the checkpointer
  std::atomic<int> ahead_of_the_log{0};       // syncs of the database file, the log not being on the disk
  std::binary_semaphore at_work{0}, done{0};  // the first checkpoint, when it is to be held up
  std::atomic<bool> hold_up{false};
  Database db{folder.file("pigeon.db")};
  Box() {
    db.execute("CREATE TABLE t (a BLOB)");
    syncs.before_sync([this, commits = std::this_thread::get_id()](File file) {
      const bool by_commit = std::this_thread::get_id() == commits;
      if (file == File::log) {
        if (!by_commit) log_synced = true;
        return SQLITE_OK;
      }
      if (by_commit)
        ++by_commits;
      else if (!log_synced.exchange(false))
        ++ahead_of_the_log;
      if (hold_up.exchange(false)) {
        at_work.release();
        static_cast<void>(done.try_acquire_for(test::kPatience));
      }
      return refuse > 0 && refuse-- > 0 ? SQLITE_IOERR_FSYNC : SQLITE_OK;
    });
  }

  void insert(int pages) {
    Transaction transaction(db);
    Statement(db, "INSERT INTO t VALUES (zeroblob(?1))").bind(pages * 1020).run();
    transaction.commit();
  }
  // Of the file, which is not cut down when the log is begun anew.
  [[nodiscard]] long log_pages() const {
    struct stat status {};
    ::stat((folder.file("pigeon.db") + "-wal").c_str(), &status);
    return status.st_size / 1024;
  }
  [[nodiscard]] int carried() { return syncs.count(File::other); }
};

}  // namespace

TEST_CASE("checkpointer: no commit carries the log over, however long it is") {
  Box box;
  const Checkpointer checkpointer(box.db, {.worthwhile = 1 << 20, .anyway = 1 << 20, .quiet = kNever});
  const int before = box.carried();
  for (int i = 0; i < 30; ++i) box.insert(100);
  CHECK(box.carried() == before);
  CHECK(box.log_pages() > 3000);
}

TEST_CASE("checkpointer: at a quiet moment the log is carried over, and begun anew") {
  Box box;
  const Checkpointer checkpointer(box.db, {.worthwhile = 50, .anyway = 1 << 20, .quiet = milliseconds(1)});
  const int before = box.carried();
  box.insert(20);
  box.insert(60);
  CHECK(test::eventually([&] { return box.carried() > before; }));
  CHECK(test::eventually([&] {
    const long pages = box.log_pages();
    box.insert(1);
    return box.log_pages() == pages;  // behind the beginning
  }));
  CHECK(box.by_commits == 0);
  CHECK(box.ahead_of_the_log == 0);
}

TEST_CASE("checkpointer: what is committed during a checkpoint of a long log is carried over behind it") {
  Box box;
  const int before = box.carried();
  box.hold_up = true;
  const Checkpointer checkpointer(box.db, {.worthwhile = 10, .anyway = 50, .quiet = kNever});
  box.insert(60);
  REQUIRE(box.at_work.try_acquire_for(test::kPatience));
  box.insert(1);
  box.done.release();
  CHECK(test::eventually([&] { return box.carried() >= before + 2; }));
  CHECK(test::eventually([&] {
    const long pages = box.log_pages();
    box.insert(1);
    return box.log_pages() == pages;  // begun anew
  }));
}

TEST_CASE("checkpointer: a short log is left for later, and one in the middle of a burst too") {
  Box box;
  const int before = box.carried();
  {
    const Checkpointer short_one(box.db, {.worthwhile = 1000, .anyway = 2000, .quiet = milliseconds(0)});
    box.insert(100);
  }
  CHECK(box.carried() == before);
  {
    const Checkpointer busy(box.db, {.worthwhile = 10, .anyway = 2000, .quiet = kNever});
    box.insert(100);
  }
  CHECK(box.carried() == before);
}

TEST_CASE(
    "checkpointer: a burst without a quiet moment does not make the log longer than its limit and some") {
  Box box;
  const Checkpointer checkpointer(box.db, {.worthwhile = 10, .anyway = 500, .quiet = kNever});
  for (int round = 0; round < 3000; ++round) box.insert(10);
  CHECK(box.by_commits == 0);
  CHECK(box.log_pages() < 10'000);  // of more than 30,000 that were written
}

TEST_CASE("checkpointer: after a sync of its own that failed the next commit carries the whole log over") {
  Box box;
  box.refuse = 1;
  const Checkpointer checkpointer(box.db, {.worthwhile = 50, .anyway = 1 << 20, .quiet = milliseconds(0)});
  box.insert(100);
  CHECK(test::eventually([&] { return box.refuse == 0; }));
  CHECK(test::eventually([&] {
    box.insert(1);
    return box.by_commits > 0;
  }));
}
