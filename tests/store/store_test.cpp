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
  CHECK((*reader)->accounts.list().empty());
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

TEST_CASE("parts: the same PDU within a slot epoch is known, in the next epoch it is new") {
  TempStore temp;
  Parts& parts = temp->parts;
  const SlotKey slot{"main", "SM", 1};
  NewPart part;
  part.slot = slot;
  part.pdu = {1, 2, 3};
  part.sender = "+15550123";
  part.state = PartState::joined;
  CHECK_FALSE(parts.known(slot, part.pdu));
  CHECK(parts.add(part) == 1);
  CHECK(parts.known(slot, part.pdu));
  CHECK_FALSE(parts.known({"main", "SM", 2}, part.pdu));
  CHECK_FALSE(parts.known({"other", "SM", 1}, part.pdu));
  parts.slot_freed(slot);
  CHECK_FALSE(parts.known(slot, part.pdu));
  CHECK(parts.add(part) == 2);
  const std::vector<SlotKey> occupied{{"main", "SM", 7}};
  parts.only_occupied("main", occupied);
  CHECK_FALSE(parts.known(slot, part.pdu));
  CHECK(parts.count(PartState::joined) == 2);
}

TEST_CASE("inbox: one person's texts wait for each other, people do not") {
  TempStore temp;
  Inbox& inbox = temp->inbox;
  const UtcTime now = utc_now();
  const auto add = [&](const char* phone, const char* text) {
    return inbox.add({"main", phone, phone, text, now, now});
  };
  const auto first = add("+15550001", "one");
  const auto second = add("+15550001", "two");
  const auto other = add("+15550002", "three");
  auto due = inbox.due(now, 10);
  REQUIRE(due.size() == 2);
  CHECK(due[0].id == first);
  CHECK(due[1].id == other);

  inbox.begin_posting(first, "7", now);
  inbox.postpone(first, now + seconds(60), true);
  due = inbox.due(now, 10);
  REQUIRE(due.size() == 1);
  CHECK(due[0].id == other);
  CHECK(inbox.next_due(now) == now + seconds(60));
  due = inbox.due(now + seconds(60), 10);
  CHECK(due.size() == 2);
  const auto found = inbox.find(first);
  REQUIRE(found.has_value());
  CHECK(found->state == MessageState::posting);
  CHECK(found->attempts == 1);

  inbox.posted(first, "99", now);
  due = inbox.due(now, 10);
  REQUIRE(due.size() == 2);
  CHECK(due[0].id + due[1].id == second + other);
  CHECK(inbox.count(MessageState::posted) == 1);
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
  CHECK(temp->inbox.due(now, 10).size() == 4);
}
