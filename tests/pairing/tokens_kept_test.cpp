// Tokens that X has given are never thrown away: whatever the database or the program does at that moment, no
// refresh token is used twice, the account stays linked, and the new token can be used in the end.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "tests/eventually.h"
#include "tests/pairing/token_desk.h"
#include "tests/store/full_disk.h"

using namespace pigeon;
using namespace pigeon::pairing;
using test::eventually;
using test::is_later;
using test::kAda;
using test::token_of;
using test::TokenDesk;
using Why = TryLater::Why;

namespace {

const PhoneNumber kBob = *PhoneNumber::parse("+12025550124");

// Another process that holds the database's write lock, for longer than a commit waits for it.
class Locker {
 public:
  explicit Locker(const std::string& database) : db_(database) { db_.execute("BEGIN IMMEDIATE"); }
  void release() { db_.execute("ROLLBACK"); }

 private:
  store::Database db_;
};

}  // namespace

TEST_CASE("kept tokens: the database is locked when they arrive, and for longer than a commit waits") {
  TokenDesk desk;
  desk.link("a1", "r1", seconds(0));
  std::unique_ptr<Locker> locker;
  desk.meanwhile = [&] { locker = std::make_unique<Locker>(desk.store.database()); };
  CHECK(is_later(desk.bearer(), Why::storage));
  CHECK(desk.stored().refresh_token == "r1");
  CHECK_FALSE(desk.tokens.refreshing());
  CHECK(is_later(desk.bearer(), Why::storage));  // and X is not asked meanwhile
  CHECK(desk.asked == 1);
  locker->release();
  CHECK(token_of(desk.bearer()) == "a2");
  CHECK(desk.stored().refresh_token == "r2");
  CHECK(desk.account().state == store::AccountState::linked);
  CHECK_FALSE(desk.account().refresh_in_flight);
  CHECK(desk.spent("r1") == 1);
  CHECK(desk.asked == 1);
}

TEST_CASE("kept tokens: the disk is full when they arrive") {
  test::FullDisk disk;
  TokenDesk desk;
  desk.link("a1", "r1", seconds(0));
  desk.meanwhile = [&] { disk.fill(); };
  CHECK(is_later(desk.bearer(), Why::storage));
  CHECK(disk.refused() > 0);
  SUBCASE("the next text takes them") {
    disk.make_room();
    CHECK(token_of(desk.bearer()) == "a2");
  }
  SUBCASE("somebody else's text takes them") {
    disk.make_room();
    CHECK(std::holds_alternative<LinkAgain>(desk.tokens.bearer(desk.http, kBob, utc_now())));
  }
  SUBCASE("the end of the program takes them") {
    desk.tokens.stop();
    CHECK_FALSE(desk.tokens.save());
    disk.make_room();
    CHECK(desk.tokens.save());
  }
  CHECK(desk.stored().access_token == "a2");
  CHECK(desk.stored().refresh_token == "r2");
  CHECK(desk.account().state == store::AccountState::linked);
  desk.store.reopen();  // they are on the disk
  CHECK(desk.stored().refresh_token == "r2");
  CHECK(desk.spent("r1") == 1);
}

TEST_CASE("kept tokens: while the disk is full no refresh begins, of nobody") {
  test::FullDisk disk;
  TokenDesk desk;
  desk.link("a1", "r1", seconds(0));
  desk.link("b1", "s1", seconds(0), "43", kBob);
  disk.fill();
  CHECK(is_later(desk.bearer(), Why::storage));
  CHECK(desk.asked == 0);
  disk.make_room();
  desk.meanwhile = [&] { disk.fill(); };
  CHECK(is_later(desk.bearer(), Why::storage));
  CHECK(is_later(desk.tokens.bearer(desk.http, kBob, utc_now()), Why::storage));
  CHECK(desk.asked == 1);
  disk.make_room();
}

TEST_CASE(
    "kept tokens: while they wait, the token that brought them is not used again, whatever else is "
    "committed") {
  TokenDesk desk;
  desk.link("a1", "r1", seconds(0));
  store::Database other(desk.store.database());
  other.execute(
      "CREATE TRIGGER only_tokens BEFORE UPDATE OF access_token ON accounts"
      " BEGIN SELECT RAISE (ABORT, 'not now'); END");
  CHECK(is_later(desk.bearer(), Why::storage));
  CHECK(is_later(desk.bearer(), Why::storage));
  CHECK(is_later(desk.tokens.refreshed(desk.http, kAda, "a1", utc_now()), Why::storage));
  CHECK(desk.spent("r1") == 1);
  other.execute("DROP TRIGGER only_tokens");
  CHECK(token_of(desk.bearer()) == "a2");
  CHECK(desk.asked == 1);
}

TEST_CASE("kept tokens: a link that is newer than a waiting pair stands") {
  test::FullDisk disk;
  TokenDesk desk;
  desk.link("a1", "r1", seconds(0));
  desk.meanwhile = [&] { disk.fill(); };
  CHECK(is_later(desk.bearer(), Why::storage));
  desk.meanwhile = [] {};
  disk.make_room();
  desk.link("linked-anew", "newer", seconds(7200));
  CHECK(token_of(desk.bearer()) == "linked-anew");
  CHECK(desk.stored().refresh_token == "newer");
}

TEST_CASE("kept tokens: a stop during a refresh waits for its answer, and begins no other") {
  TokenDesk desk;
  desk.link("a1", "r1", seconds(0));
  desk.link("b1", "s1", seconds(0), "43", kBob);
  std::atomic<bool> away = false;
  std::atomic<bool> released = false;
  desk.meanwhile = [&] {
    away = true;
    static_cast<void>(eventually([&] { return released.load(); }));
  };
  CHECK_FALSE(desk.tokens.refreshing());
  std::atomic<bool> got = false;
  std::thread dispatcher([&] { got = token_of(desk.bearer()) == "a2"; });
  REQUIRE(eventually([&] { return away.load(); }));
  desk.tokens.stop();
  CHECK(desk.tokens.refreshing());
  net::HttpClient http;
  CHECK(is_later(desk.tokens.bearer(http, kBob, utc_now()), Why::stopping));
  CHECK(is_later(desk.tokens.bearer(http, kAda, utc_now()), Why::stopping));  // does not wait for its turn
  released = true;
  CHECK(eventually([&] { return !desk.tokens.refreshing(); }));
  CHECK(desk.tokens.save());
  CHECK(desk.stored().refresh_token == "r2");
  dispatcher.join();
  CHECK(got);
  CHECK(desk.asked == 1);
  CHECK(token_of(desk.bearer()) == "a2");  // what lives is still given out
}
