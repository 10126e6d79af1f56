// When commits are on the disk: each before its commit() returns, several with one sync, and none that a disk
// has refused.
#include "store/group_commit.h"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "store/sqlite.h"
#include "tests/eventually.h"
#include "tests/store/sync_watch.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using namespace pigeon::store;
using File = SyncWatch::File;

namespace {

struct Box {
  test::TempFolder folder;
  SyncWatch syncs;
  Database db{folder.file("pigeon.db")};
  Box() { db.execute("CREATE TABLE t (a INTEGER)"); }

  // Commits one row; through commit() or commit_for_later().
  void insert(void (Transaction::*commit)()) {
    Transaction transaction(db);
    db.execute("INSERT INTO t VALUES (1)");
    (transaction.*commit)();
  }
  [[nodiscard]] int log_syncs() { return syncs.count(File::log); }
};

}  // namespace

TEST_CASE("group commit: a commit is on the disk when it returns") {
  Box box;
  for (int i = 0; i < 3; ++i) {
    const int before = box.log_syncs();
    {
      Transaction transaction(box.db);
      box.db.execute("INSERT INTO t VALUES (1)");
      box.db.execute("INSERT INTO t VALUES (2)");
      CHECK(box.log_syncs() == before);
      transaction.commit();
    }
    CHECK(box.log_syncs() == before + 1);
  }
}

TEST_CASE("group commit: a statement outside a transaction is on the disk when it has run") {
  Box box;
  Statement insert(box.db, "INSERT INTO t VALUES (?1)");
  const int before = box.log_syncs();
  insert.bind(1).run();
  CHECK(box.log_syncs() == before + 1);
  box.db.execute("INSERT INTO t VALUES (2)");
  CHECK(box.log_syncs() == before + 2);
}

TEST_CASE("group commit: what is committed for later goes with the next commit, or when asked for") {
  Box box;
  const int before = box.log_syncs();
  box.insert(&Transaction::commit_for_later);
  CHECK(box.log_syncs() == before);
  box.insert(&Transaction::commit);
  CHECK(box.log_syncs() == before + 1);
  box.db.sync();  // everything is there
  CHECK(box.log_syncs() == before + 1);
  box.insert(&Transaction::commit_for_later);
  box.db.sync();
  CHECK(box.log_syncs() == before + 2);
}

TEST_CASE("group commit: a commit gives the lock back at once, also one for later") {
  Box box;
  for (const auto commit : {&Transaction::commit, &Transaction::commit_for_later}) {
    std::optional<Transaction> transaction(std::in_place, box.db);
    box.db.execute("INSERT INTO t VALUES (1)");
    ((*transaction).*commit)();
    std::atomic<bool> has_lock{false};
    std::thread other([&] {
      const auto lock = box.db.lock();
      has_lock = true;
    });
    CHECK(test::eventually([&] { return has_lock.load(); }));
    transaction.reset();
    other.join();
  }
}

TEST_CASE("group commit: the log is on the disk before it is carried into the database, and that after it") {
  Box box;
  box.insert(&Transaction::commit_for_later);
  const int log = box.log_syncs();
  const int other = box.syncs.count(File::other);
  Statement checkpoint(box.db, "PRAGMA wal_checkpoint(TRUNCATE)");
  CHECK(checkpoint.bind().next());
  CHECK(box.log_syncs() > log);
  CHECK(box.syncs.count(File::other) > other);
}

TEST_CASE("group commit: who waits while a sync is under way shares the next one") {
  Box box;
  std::atomic<bool> hold{false};
  std::atomic<int> held{0};
  box.syncs.before_sync([&](File) {
    if (hold && held++ == 0)
      while (hold) std::this_thread::yield();
    return SQLITE_OK;
  });
  const int before = box.log_syncs();
  hold = true;
  std::vector<std::thread> threads;
  threads.emplace_back([&] { box.insert(&Transaction::commit); });
  REQUIRE(test::eventually([&] { return held == 1; }));
  for (int i = 0; i < 5; ++i) threads.emplace_back([&] { box.insert(&Transaction::commit); });
  Statement count(box.db, "SELECT count(*) FROM t");
  // A sync under way holds nobody up: all commit meanwhile.
  CHECK(test::eventually([&] {
    const auto lock = box.db.lock();
    Query query = count.bind();
    return query.next() && query.integer(0) == 6;
  }));
  hold = false;
  for (std::thread& thread : threads) thread.join();
  CHECK(box.log_syncs() <= before + 3);  // one, and one or two for the five
}

TEST_CASE("group commit: who is in no hurry is told when somebody else has synced") {
  Box box;
  GroupCommit& commits = box.db.commits();
  box.insert(&Transaction::commit_for_later);
  const std::uint64_t mine = commits.commits();
  CHECK_FALSE(commits.is_synced(mine));
  box.insert(&Transaction::commit);
  CHECK(commits.is_synced(mine));
  box.insert(&Transaction::commit_for_later);
  CHECK(commits.is_synced(mine));
  CHECK_FALSE(commits.is_synced(commits.commits()));
  bool broken = true;
  box.syncs.before_sync([&broken](File) { return broken ? SQLITE_IOERR_FSYNC : SQLITE_OK; });
  CHECK_THROWS_AS(box.db.sync(), StorageError);
  CHECK_FALSE(commits.is_synced(commits.commits()));
  broken = false;
  box.insert(&Transaction::commit);  // carries the whole log over
  CHECK(commits.is_synced(commits.commits()));
}

TEST_CASE("group commit: what the disk has refused is durable only when the whole log is carried over") {
  Box box;
  bool broken = true;
  box.syncs.before_sync([&](File file) {
    // As kernels do: the first sync says that it failed, the next has forgotten it.
    return file == File::log && std::exchange(broken, false) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
  });
  CHECK_THROWS_AS(box.insert(&Transaction::commit), StorageError);
  CHECK_THROWS_AS(box.db.sync(), StorageError);  // a second sync proves nothing
  const int other = box.syncs.count(File::other);
  box.insert(&Transaction::commit);
  CHECK(box.syncs.count(File::other) > other);  // the database file itself is synced
  CHECK_NOTHROW(box.db.sync());
}

TEST_CASE("group commit: while the disk goes on refusing, every commit fails") {
  Box box;
  std::atomic<bool> broken{true};
  box.syncs.before_sync([&](File) { return broken ? SQLITE_IOERR_FSYNC : SQLITE_OK; });
  for (int i = 0; i < 3; ++i) CHECK_THROWS_AS(box.insert(&Transaction::commit), StorageError);
  broken = false;
  CHECK_NOTHROW(box.insert(&Transaction::commit));
}
