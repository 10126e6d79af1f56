// The clock that is set: what is due and what expires keeps its distance, in a run, over a restart and over a
// reboot.
#include "store/timekeeping.h"

#include <doctest/doctest.h>

#include <sqlite3.h>

#include "tests/manual_clock.h"
#include "tests/store/sync_watch.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using test::ManualClock;
using test::TempStore;

namespace {

constexpr milliseconds kLeft = std::chrono::minutes(15);
const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");

// A box with one of everything that is due in, or expires after, a quarter of an hour.
struct Box {
  ManualClock clock;
  TempStore store{clock};
  std::string code;

  Box() {
    const UtcTime now = store->time.now();
    static_cast<void>(store->jobs.add(in_one(*store), {JobKind::post, "ada", 1, now + kLeft}));
    code = test::sent_link(*store, kAda, kLeft, now).code;
    static_cast<void>(
        store->outbox.add(in_one(*store), {kAda.e164(), "later", "main", std::nullopt}, now + kLeft));
    store->accounts.add_credentials(in_one(*store), kAda, {"a", "r", now + kLeft, "", "42", "ada"}, now);
  }
  [[nodiscard]] std::optional<UtcTime> job_due() { return store->jobs.claim(Lane::network, UtcTime{}).next; }
  [[nodiscard]] bool all_wait() {
    const UtcTime now = store->time.now();
    return job_due().value_or(now) > now && store->outbox.next_due("main").value_or(now) > now &&
           store->pairings.find_by_code(code, now).has_value() &&
           store->accounts.find(kAda)->access_expires_at > now;
  }
  [[nodiscard]] bool none_waits() {
    const UtcTime now = store->time.now();
    return job_due().value_or(now + kLeft) <= now &&
           store->outbox.next_due("main").value_or(now + kLeft) <= now &&
           !store->pairings.find_by_code(code, now).has_value() &&
           store->accounts.find(kAda)->access_expires_at <= now;
  }
};

}  // namespace

TEST_CASE("clock: set forward or back, a quarter of an hour is a quarter of an hour") {
  for (const milliseconds step :
       {milliseconds(std::chrono::hours(24 * 40)), milliseconds(-std::chrono::hours(72)),
        milliseconds(-std::chrono::hours(24 * 365 * 56)), milliseconds(seconds(2))}) {
    CAPTURE(step.count());
    Box box;
    box.clock.pass(std::chrono::minutes(5));
    box.clock.step(step);
    CHECK(box.all_wait());
    box.clock.pass(std::chrono::minutes(10) - seconds(1));
    CHECK(box.all_wait());
    box.clock.pass(seconds(1));
    CHECK(box.none_waits());
  }
}

TEST_CASE("clock: set, a text that was taken is known for as long as before") {
  Box box;
  const std::vector<std::uint8_t> text{1, 2, 3};
  const auto digest = box.store->seen.digest(text);
  box.store->seen.add(in_one(*box.store), digest, {"main", "SM", 1}, box.store->time.now() + seconds(600));
  const SlotKey elsewhere{"main", "SM", 2};
  box.clock.step(std::chrono::hours(24 * 40));
  box.clock.pass(seconds(599));
  CHECK(box.store->seen.known(digest, elsewhere, box.store->time.now()));
  box.clock.pass(seconds(1));
  CHECK_FALSE(box.store->seen.known(digest, elsewhere, box.store->time.now()));
}

TEST_CASE("clock: set forward, a link that waits to be sent is not dropped as too late") {
  Box box;
  const OfferedLink link =
      box.store->pairings.offer_link(in_one(*box.store), kAda, "main", kLeft, box.store->time.now());
  static_cast<void>(box.store->outbox.add(
      in_one(*box.store), {kAda.e164(), "a link", "main", std::nullopt, ReplyKind::link, link.id},
      box.store->time.now()));
  box.clock.step(std::chrono::hours(24 * 40));
  CHECK(box.store->outbox.drop_stale_links(in_one(*box.store), "main", box.store->time.now()) == 0);
  CHECK(box.store->pairings.find_by_code(link.code, box.store->time.now()).has_value());
  box.clock.pass(kLinkPatience);
  CHECK(box.store->outbox.drop_stale_links(in_one(*box.store), "main", box.store->time.now()) == 1);
}

TEST_CASE("clock: a step is seen once, and everybody is woken") {
  Box box;
  int woken = 0;
  box.store->time.on_step([&] { ++woken; });
  static_cast<void>(box.store->time.now());
  box.clock.pass(std::chrono::hours(1));
  static_cast<void>(box.store->time.now());
  CHECK(woken == 0);
  box.clock.step(seconds(3600));
  static_cast<void>(box.store->time.now());
  static_cast<void>(box.store->time.now());
  CHECK(woken == 1);
}

TEST_CASE("clock: less than two seconds is no step, however often") {
  Box box;
  const auto due = box.job_due();
  for (int i = 0; i < 50; ++i) {
    box.clock.step(milliseconds(1900));
    static_cast<void>(box.store->time.now());
  }
  CHECK(box.job_due() == due);
}

TEST_CASE("clock: what arrived is due whatever the clock says") {
  Box box;
  static_cast<void>(
      box.store->inbox.add(in_one(*box.store), {"main", kAda.e164(), kAda.e164(), "hi", {}, {}}));
  box.clock.step(-std::chrono::hours(24 * 365 * 50));
  CHECK(box.store->claim(Lane::local, box.store->time.now()).job.has_value());
}

TEST_CASE("clock: a step inside somebody's transaction is left to the next call") {
  Box box;
  box.clock.step(std::chrono::hours(5));
  {
    auto transaction = box.store->begin();
    static_cast<void>(box.store->time.now());
  }
  CHECK(box.all_wait());
}

TEST_CASE("clock: set while the program was off, on the same boot") {
  Box box;
  box.store.close();
  box.clock.pass(std::chrono::minutes(5));
  box.clock.step(std::chrono::hours(24 * 40));
  box.store.reopen();
  CHECK(box.all_wait());
  box.clock.pass(std::chrono::minutes(10));
  CHECK(box.none_waits());
}

TEST_CASE("clock: after a reboot a clock that went on is right, and one that is behind is not") {
  SUBCASE("ten hours off, with a clock") {
    Box box;
    box.store.close();
    box.clock.reboot(std::chrono::minutes(2), box.clock.utc() + std::chrono::hours(10));
    box.store.reopen();
    CHECK(box.none_waits());
  }
  SUBCASE("ten hours off, without one: 1970, and right later") {
    Box box;
    const UtcTime off_at = box.clock.utc();
    box.store->time.keep(in_one(*box.store));
    box.store.close();
    box.clock.reboot(std::chrono::hours(10), from_unix_ms(1000));
    box.store.reopen();
    CHECK(box.all_wait());
    box.clock.pass(std::chrono::minutes(5));
    box.clock.set(off_at + std::chrono::hours(10) + std::chrono::minutes(5));
    CHECK(box.all_wait());
    box.clock.pass(std::chrono::minutes(10));
    CHECK(box.none_waits());
  }
}

TEST_CASE("timekeeping: a step whose sync the disk refuses moves what is due once, not at each look") {
  SyncWatch watch;
  bool refuse = false;
  watch.before_sync([&refuse](SyncWatch::File) { return refuse ? SQLITE_IOERR_FSYNC : SQLITE_OK; });
  ManualClock clock;
  TempStore store{clock};
  const UtcTime now = store->time.now();
  const std::int64_t id =
      store->outbox.add(in_one(*store), {kAda.e164(), "later", "main", std::nullopt}, now);
  clock.step(std::chrono::hours(1));
  refuse = true;
  CHECK_THROWS_AS(static_cast<void>(store->time.now()), StorageError);
  refuse = false;
  static_cast<void>(store->time.now());
  CHECK(store->outbox.due_at(id) == now + std::chrono::hours(1));
}
