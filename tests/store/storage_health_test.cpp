// A disk that takes nothing: noted by whoever meets it, readable from outside while nothing can be written
// into the database, and over with the first commit that reaches the disk.
#include "store/storage_health.h"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include "tests/store/full_disk.h"
#include "tests/store/sync_watch.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using Kind = StorageFailure::Kind;

namespace {

void write_something(test::TempStore& store) {
  store->time.keep(in_one(*store));
}

}  // namespace

TEST_CASE(
    "storage health: a full disk is a failure from the first refused write to the first that is taken") {
  test::FullDisk disk;
  test::TempStore store;
  int told = 0;
  store->on_change([&told] { ++told; });
  write_something(store);
  CHECK_FALSE(store->storage_failure());
  told = 0;
  disk.fill();
  CHECK_THROWS_AS(write_something(store), StorageError);
  CHECK_THROWS_AS(write_something(store), StorageError);
  const auto failure = store->storage_failure();
  REQUIRE(failure);
  CHECK(failure->kind == Kind::full);
  CHECK(failure->count >= 2);
  CHECK(failure->last_commit > UtcTime{});
  CHECK(told == 1);
  store->sync();  // nothing was committed: no proof of anything
  CHECK(store->storage_failure());
  disk.make_room();
  write_something(store);
  CHECK_FALSE(store->storage_failure());
}

TEST_CASE("storage health: others read it beside the database while it lasts") {
  test::FullDisk disk;
  test::TempStore store;
  CHECK_FALSE(Store::storage_failure(store.database()));
  disk.fill();
  CHECK_THROWS_AS(write_something(store), StorageError);
  const auto seen = Store::storage_failure(store.database());
  REQUIRE(seen);
  CHECK(seen->kind == Kind::full);
  CHECK(seen->since == store->storage_failure()->since);
  disk.make_room();
  write_something(store);
  CHECK_FALSE(Store::storage_failure(store.database()));
  disk.fill();
  CHECK_THROWS_AS(write_something(store), StorageError);
  store.close();  // what a process has written that is gone says nothing
  CHECK_FALSE(Store::storage_failure(store.database()));
}

TEST_CASE("storage health: a sync that is refused is a failure as well") {
  SyncWatch watch;
  test::TempStore store;
  bool refuse = false;
  watch.before_sync([&refuse](SyncWatch::File) { return refuse ? SQLITE_IOERR_FSYNC : SQLITE_OK; });
  refuse = true;
  CHECK_THROWS_AS(write_something(store), StorageError);
  REQUIRE(store->storage_failure());
  CHECK(store->storage_failure()->kind == Kind::failing);
  refuse = false;
  write_something(store);
  CHECK_FALSE(store->storage_failure());
}

TEST_CASE("storage health: damage is never over, whatever is written afterwards") {
  StorageHealth health;
  health.failed(SQLITE_FULL);
  health.failed(SQLITE_CORRUPT_INDEX);
  CHECK(health.failure()->kind == Kind::damaged);
  health.failed(SQLITE_FULL);
  health.committed();
  health.synced();
  REQUIRE(health.failure());
  CHECK(health.failure()->kind == Kind::damaged);
}

TEST_CASE("storage health: a statement that is wrong by itself says nothing about the storage") {
  StorageHealth health;
  health.failed(SQLITE_CONSTRAINT_UNIQUE);
  health.failed(SQLITE_ERROR);
  CHECK_FALSE(health.failure());
}

TEST_CASE("storage health: a record that is torn or strange is no failure") {
  test::TempStore store;
  const std::string path = store.database() + ".record";
  const auto write = [&path](const std::string& text) {
    FILE* file = std::fopen(path.c_str(), "w");
    REQUIRE(file != nullptr);
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
  };
  write("full 1 2");
  CHECK_FALSE(read_record(path));
  write("weird 1 2 3" + std::string(200, ' '));
  CHECK_FALSE(read_record(path));
  write("full 1000 2000 3" + std::string(200, ' '));
  REQUIRE(read_record(path));
  CHECK(read_record(path)->count == 3);
  CHECK_FALSE(read_record(path + ".none"));
}
