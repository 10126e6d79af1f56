// The store as a whole: opening, owning, migrating, and the tables' operations in the order the relay uses
// them.
#include "store/store.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "base/file.h"
#include "store/migrations.h"
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

TEST_CASE("inbox: a text comes with the job that decides about it, and is open until it is closed") {
  TempStore temp;
  const UtcTime now = utc_now();
  const auto id = temp->inbox.add({"main", "+15550001", "+15550001", "one", now, now});
  static_cast<void>(temp->inbox.add({"main", "Bank", "", "two", now, now}));
  temp.reopen();
  CHECK(temp->inbox.count_open() == 2);
  const auto claim = temp->jobs.claim(Lane::local, from_unix_ms(0));  // whatever the clock says
  REQUIRE(claim.job.has_value());
  CHECK(claim.job->subject == id);
  CHECK(claim.job->kind == JobKind::text);
  CHECK(claim.more);
  temp->inbox.close(id, Ending::answered, "help");
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
        const std::string phone = "+1555" + std::to_string(1000 + t);
        const auto id = temp->inbox.add({"main", phone, phone, "x", now, now});
        static_cast<void>(temp->outbox.add({phone, "y", "main", id}, now));
        transaction.commit();
        ++replies;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(temp->outbox.count(ReplyState::queued) == replies);
  CHECK(temp->inbox.count_open() == replies);
}
