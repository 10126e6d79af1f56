// The store as a whole: opening, owning, migrating, and the tables' operations in the order the relay uses
// them.
#include "store/store.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <span>
#include <thread>

#include "base/file.h"
#include "store/migrations.h"
#include "tests/store/full_disk.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using test::TempStore;

TEST_CASE("store: one owner at a time, readers beside it, and the key is made once with mode 0600") {
  TempStore temp;
  CHECK(Store::is_owned(temp.database()));
  CHECK(Store::open(temp.database(), temp.key()).error().code == Errc::conflict);
  auto reader = Store::open(temp.database(), temp.key(), Store::Access::reader);
  REQUIRE(reader.has_value());
  CHECK((*reader)->accounts.count(AccountState::linked) == 0);
  const std::string key = *read_secret_file(temp.key());
  temp.reopen();
  CHECK(*read_secret_file(temp.key()) == key);
  temp.close();
  CHECK_FALSE(Store::is_owned(temp.database()));
}

TEST_CASE("store: a database from a newer version is refused with both versions named") {
  TempStore temp;
  temp.close();
  {
    Database db(temp.database());
    db.execute("PRAGMA user_version = 99");
  }
  const auto opened = Store::open(temp.database(), temp.key());
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == Errc::unsupported);
  CHECK(opened.error().message.find("99") != std::string::npos);
  CHECK_FALSE(Store::open(temp.database(), temp.key(), Store::Access::reader).has_value());
}

TEST_CASE("store: a file that is no database, a broken key") {
  TempStore temp;
  temp.close();
  const std::string other = (temp.folder() / "not.db").string();
  REQUIRE(create_private_file(other, std::string(4096, 'x')).has_value());
  CHECK_FALSE(Store::open(other, temp.key()).has_value());
  const std::string key = (temp.folder() / "short").string();
  REQUIRE(create_private_file(key, "abcd").has_value());
  CHECK(Store::open(temp.database(), key).error().code == Errc::bad_input);
}

TEST_CASE("store: migrations run once and leave the version") {
  Database db(":memory:");
  REQUIRE(migrate(db).has_value());
  REQUIRE(migrate(db).has_value());
  CHECK(check_version(db).has_value());
  Database fresh(":memory:");
  CHECK_FALSE(check_version(fresh).has_value());
}

TEST_CASE("store: a database with rows is copied before it takes a step, and again when that was cut off") {
  TempStore temp;
  temp.close();
  const std::string path = (temp.folder() / "steps.db").string();
  const std::string copy = path + ".before-1";
  const std::array<const char*, 2> two = {"CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (7)",
                                          "DELETE FROM a; CREATE TABLE b (y INTEGER)"};
  const auto value = [](const std::string& file, const char* sql) {
    Database db(file);
    Statement read(db, sql);
    Query query = read.bind();
    return query.next() ? query.integer(0) : -1;
  };
  {
    Database db(path);
    REQUIRE(migrate_by(db, std::span(two).first(1)));
    CHECK_FALSE(std::filesystem::exists(copy));  // there was nothing to lose
  }
  REQUIRE(create_private_file(copy + ".new", "half a copy"));
  {
    Database db(path);
    REQUIRE(migrate_by(db, two));
  }
  CHECK(value(path, "SELECT count(*) FROM a") == 0);
  CHECK(value(path, "PRAGMA user_version") == 2);
  CHECK(value(copy, "SELECT x FROM a") == 7);
  CHECK(value(copy, "PRAGMA user_version") == 1);
  CHECK_FALSE(std::filesystem::exists(copy + ".new"));
}

TEST_CASE("store: without a copy no step is taken") {
  TempStore temp;
  temp.close();
  const std::string path = (temp.folder() / "steps.db").string();
  const std::array<const char*, 2> two = {"CREATE TABLE a (x INTEGER)", "DROP TABLE a"};
  Database db(path);
  REQUIRE(migrate_by(db, std::span(two).first(1)));
  std::filesystem::create_directories(path + ".before-1.new/in the way");
  CHECK_THROWS_AS(static_cast<void>(migrate_by(db, two)), StorageError);
  Statement count(db, "SELECT count(*) FROM a");
  CHECK(count.bind().next());
}

TEST_CASE("store: what a start has to write waits for room, and comes before anything else then") {
  test::FullDisk disk;
  TempStore temp;
  temp->conditions.begin(in_one(*temp), ConditionCode::x_api, "", "", utc_now());
  temp.close();
  disk.fill();
  temp.reopen();
  int runs = 0;
  temp->at_start([&](Transaction& transaction) {
    ++runs;
    temp->conditions.clear(transaction);
  });
  CHECK(temp->storage_failure().has_value());
  CHECK(temp->conditions.list().size() == 1);
  CHECK_THROWS_AS(temp->conditions.begin(in_one(*temp), ConditionCode::x_keys, "", "", utc_now()),
                  StorageError);
  disk.make_room();
  temp->conditions.begin(in_one(*temp), ConditionCode::x_keys, "", "", utc_now());
  REQUIRE(temp->conditions.list().size() == 1);
  CHECK(temp->conditions.list()[0].code == ConditionCode::x_keys);
  const int until_then = runs;
  temp->conditions.begin(in_one(*temp), ConditionCode::x_credits, "", "", utc_now());
  CHECK(runs == until_then);
  CHECK(temp->conditions.list().size() == 2);
}

TEST_CASE("inbox: a text comes with the job that decides about it, and is open until it is closed") {
  TempStore temp;
  const UtcTime now = utc_now();
  const auto id = temp->inbox.add(in_one(*temp), {"main", "+12025550001", "+12025550001", "one", now, now});
  static_cast<void>(temp->inbox.add(in_one(*temp), {"main", "Bank", "", "two", now, now}));
  temp.reopen();
  CHECK(temp->inbox.count_open() == 2);
  const auto claim = temp->claim(Lane::local, from_unix_ms(0));  // whatever the clock says
  REQUIRE(claim.job.has_value());
  CHECK(claim.job->subject == id);
  CHECK(claim.job->kind == JobKind::text);
  CHECK(claim.more);
  temp->inbox.close(in_one(*temp), id, Ending::answered, "help");
  CHECK(temp->inbox.find(id)->ending == Ending::answered);
  CHECK(temp->inbox.count_open() == 1);
  CHECK(temp->inbox.count(Ending::answered) == 1);
}

TEST_CASE("store: many threads, one database") {
  TempStore temp;
  const UtcTime now = utc_now();
  std::atomic<int> replies{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        auto transaction = temp->begin();
        const std::string phone = "+1202555" + std::to_string(1000 + t);
        const auto id = temp->inbox.add(transaction, {"main", phone, phone, "x", now, now});
        static_cast<void>(temp->outbox.add(transaction, {phone, "y", "main", id}, now));
        transaction.commit();
        ++replies;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(temp->outbox.count(ReplyState::queued) == replies);
  CHECK(temp->inbox.count_open() == replies);
}
