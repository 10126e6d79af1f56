// The RAII layer over SQLite: binding, transactions that roll back, errors that carry their code.
#include "store/sqlite.h"

#include <doctest/doctest.h>

#include <map>

#include "tests/temp_folder.h"

using namespace pigeon;
using namespace pigeon::store;

namespace {

std::int64_t count(Database& db) {
  Statement statement(db, "SELECT count(*) FROM t");
  Query query = statement.bind();
  REQUIRE(query.next());
  return query.integer(0);
}

std::string pragma(Database& db, const std::string& name) {
  Statement statement(db, ("PRAGMA " + name).c_str());
  Query query = statement.bind();
  REQUIRE(query.next());
  return query.text(0);
}

// Counts the calls by which SQLite has the kernel write a file to the disk, while it lives.
class SyncCounter {
 public:
  SyncCounter() {
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "sync-counter";
    vfs_.xOpen = open;
    syncs_ = 0;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~SyncCounter() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }
  SyncCounter(const SyncCounter&) = delete;
  SyncCounter& operator=(const SyncCounter&) = delete;

  [[nodiscard]] int count() const { return syncs_; }

 private:
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    const int opened = real_->xOpen(real_, name, file, flags, out_flags);
    if (file->pMethods == nullptr) return opened;
    real_sync_ = file->pMethods->xSync;  // the same for every kind of file
    sqlite3_io_methods& counting = methods_[file->pMethods];
    counting = *file->pMethods;
    counting.xSync = sync;
    file->pMethods = &counting;
    return opened;
  }
  static int sync(sqlite3_file* file, int flags) {
    ++syncs_;
    return real_sync_(file, flags);
  }

  static inline sqlite3_vfs* real_ = nullptr;
  static inline std::map<const sqlite3_io_methods*, sqlite3_io_methods> methods_;
  static inline int (*real_sync_)(sqlite3_file*, int) = nullptr;
  static inline int syncs_ = 0;
  sqlite3_vfs vfs_{};
};

}  // namespace

TEST_CASE("sqlite: a commit is on the disk when it returns") {
  const test::TempFolder folder;
  const SyncCounter syncs;
  Database db(folder.file("pigeon.db"));
  CHECK(pragma(db, "synchronous") == "2");  // FULL
  CHECK(pragma(db, "journal_mode") == "wal");
  db.execute("CREATE TABLE t (a INTEGER)");
  Statement insert(db, "INSERT INTO t VALUES (?1)");
  for (int i = 0; i < 3; ++i) {
    const int before = syncs.count();
    Transaction transaction(db);
    insert.bind(i).run();
    insert.bind(i).run();
    CHECK(syncs.count() == before);
    transaction.commit();
    CHECK(syncs.count() > before);
  }
}

TEST_CASE("sqlite: every kind of value goes in and comes back") {
  Database db(":memory:");
  db.execute("CREATE TABLE t (a INTEGER, b TEXT, c BLOB, d INTEGER, e TEXT)");
  const std::vector<std::uint8_t> blob{0, 1, 255};
  Statement insert(db, "INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)");
  const std::string zero_inside("a\0b", 3);
  insert.bind(42, zero_inside, blob, from_unix_ms(1234), std::optional<std::string>()).run();
  Statement select(db, "SELECT a, b, c, d, e, e IS NULL FROM t");
  Query query = select.bind();
  REQUIRE(query.next());
  CHECK(query.integer(0) == 42);
  CHECK(query.text(1) == zero_inside);
  CHECK(query.blob(2) == blob);
  CHECK(query.time(3) == from_unix_ms(1234));
  CHECK(query.text(4).empty());
  CHECK(query.integer(5) == 1);
  CHECK_FALSE(query.maybe_integer(4).has_value());
  CHECK_FALSE(query.next());
}

TEST_CASE("sqlite: a transaction that is not committed leaves nothing behind, a nested one joins") {
  Database db(":memory:");
  db.execute("CREATE TABLE t (a INTEGER)");
  Statement insert(db, "INSERT INTO t VALUES (?1)");
  {
    Transaction outer(db);
    insert.bind(1).run();
    {
      Transaction inner(db);
      insert.bind(2).run();
      inner.commit();
    }
  }
  CHECK(count(db) == 0);
  {
    Transaction outer(db);
    insert.bind(1).run();
    {
      Transaction inner(db);
      insert.bind(2).run();
      inner.commit();
    }
    outer.commit();
  }
  CHECK(count(db) == 2);
}

TEST_CASE("sqlite: errors are exceptions with SQLite's code") {
  Database db(":memory:");
  CHECK_THROWS_AS(db.execute("nonsense"), StorageError);
  db.execute("CREATE TABLE t (a INTEGER UNIQUE); INSERT INTO t VALUES (1)");
  Statement insert(db, "INSERT INTO t VALUES (1)");
  try {
    insert.bind().run();
    FAIL("a duplicate was accepted");
  } catch (const StorageError& error) {
    CHECK((error.sqlite_code() & 0xFF) == SQLITE_CONSTRAINT);
    CHECK_FALSE(error.disk_full());
  }
  CHECK_THROWS_AS(Database("/nonexistent/folder/x.db"), StorageError);
}
