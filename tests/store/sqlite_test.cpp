// The RAII layer over SQLite: binding, transactions that roll back, errors that carry their code.
#include "store/sqlite.h"

#include <doctest/doctest.h>
#include <sqlite3.h>

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

}  // namespace

TEST_CASE("sqlite: a database is in WAL mode, and its log is synced by its commits") {
  const test::TempFolder folder;
  Database db(folder.file("pigeon.db"));
  CHECK(pragma(db, "synchronous") == "1");  // NORMAL; see group_commit_test.cpp
  CHECK(pragma(db, "journal_mode") == "wal");
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

TEST_CASE("sqlite: a transaction that is not committed leaves nothing behind") {
  Database db(":memory:");
  db.execute("CREATE TABLE t (a INTEGER)");
  Statement insert(db, "INSERT INTO t VALUES (?1)");
  {
    Transaction transaction(db);
    insert.bind(1).run(transaction);
  }
  CHECK(count(db) == 0);
  Transaction transaction(db);
  insert.bind(1).run(transaction);
  transaction.commit();
  CHECK(count(db) == 1);
}

TEST_CASE("sqlite: a transaction inside another is refused, and the outer one goes on") {
  Database db(":memory:");
  db.execute("CREATE TABLE t (a INTEGER)");
  Statement insert(db, "INSERT INTO t VALUES (?1)");
  Transaction outer(db);
  insert.bind(1).run(outer);
  try {
    const Transaction inner(db);
    FAIL("it was begun");
  } catch (const StorageError& error) {
    CHECK_FALSE(error.passes());
  }
  CHECK_FALSE(db.health().failure().has_value());
  insert.bind(2).run(outer);
  outer.commit();
  CHECK(count(db) == 2);
}

TEST_CASE("sqlite: what was committed for later is committed once, and can be waited for") {
  Database db(":memory:");
  db.execute("CREATE TABLE t (a INTEGER)");
  Statement insert(db, "INSERT INTO t VALUES (?1)");
  Transaction transaction(db);
  insert.bind(1).run(transaction);
  transaction.commit_for_later();
  CHECK_NOTHROW(transaction.commit_for_later());
  CHECK_NOTHROW(transaction.commit());
  CHECK(count(db) == 1);
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
  }
  CHECK_THROWS_AS(Database("/nonexistent/folder/x.db"), StorageError);
}
