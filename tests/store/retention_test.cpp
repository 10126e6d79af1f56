// Retention: what is over and old goes, in batches; what is open, young or needed stays.
#include "store/retention.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using std::chrono::hours;
using Prune = Retention::Posts;

namespace {

constexpr UtcTime kNow{hours(24 * 365 * 56)};
constexpr UtcTime kOld = kNow - hours(24 * 40);
constexpr UtcTime kBefore = kNow - hours(24 * 30);
const std::string kAda = "+12025550123";

// A text with its part, its post and its reply, all of them over, or still open.
std::int64_t text(test::TempStore& store, UtcTime at, bool over) {
  auto all = store->begin();
  const std::int64_t id = store->inbox.add(all, {"main", kAda, kAda, "hello", at, at});
  NewPart part;
  part.slot = {"main", "SM", 1};
  part.pdu = {1, 2, 3};
  part.received_at = at;
  store->parts.join(all, store->parts.add(all, part), id);
  const Job job = *store->claim(Lane::local, at).job;
  if (over) store->jobs.done(all, job);
  store->jobs.release(job);
  const std::int64_t post = store->posts.plan(all, id, 1, kAda, "hello");
  if (over) store->posts.end(all, post, PostState::posted, std::to_string(id), at);
  const std::int64_t reply =
      store->outbox.add(all, {.phone = kAda, .text = "Posted", .modem = "main", .message_id = id}, at);
  store->outbox.begin_sending(all, reply);
  store->outbox.part_sent(all, reply, 1, 7);
  if (over) store->outbox.sent(all, reply, at);
  if (over) store->inbox.close(all, id, Ending::posted, "");
  all.commit();
  return id;
}

std::int64_t rows(const test::TempStore& store, const std::string& table) {
  Database db(store.database());
  Statement count(db, ("SELECT count(*) FROM " + table).c_str());
  Query query = count.bind();
  return query.next() ? query.integer(0) : -1;
}

int prune_all(test::TempStore& store, UtcTime before, Prune posts = Prune::too) {
  int batches = 0;
  while (store->retention.prune(in_one(*store), before, kNow, posts) && ++batches < 1000) {
  }
  return batches;
}

}  // namespace

TEST_CASE("retention: a text that is over goes with its part, its post and its reply, and stays counted") {
  test::TempStore store;
  for (int i = 0; i < 3; ++i) static_cast<void>(text(store, kOld, true));
  static_cast<void>(text(store, kNow, true));
  prune_all(store, kBefore);
  for (const char* table : {"inbox", "parts", "posts", "outbox", "outbox_parts"}) {
    CAPTURE(table);
    CHECK(rows(store, table) == 1);
  }
  CHECK(store->inbox.count(Ending::posted) == 4);
  CHECK(store->outbox.count(ReplyState::sent) == 4);
  CHECK(store->inbox.count_open() == 0);
}

TEST_CASE("retention: what is open stays, however old, and keeps its parts") {
  test::TempStore store;
  const std::int64_t open = text(store, kOld, false);
  static_cast<void>(text(store, kOld, true));
  static_cast<void>(text(store, kNow, true));
  prune_all(store, kBefore);
  CHECK(store->inbox.find(open).has_value());
  CHECK(store->posts.find(open * 1000 + 1).has_value());
  CHECK(store->outbox.due("main", kNow).has_value());
  CHECK(rows(store, "parts") == 2);
  CHECK(rows(store, "outbox") == 2);
}

TEST_CASE("retention: parts that wait for what never came go, those that wait for a clock do not") {
  test::TempStore store;
  const auto add = [&store](PartState state, UtcTime at) {
    NewPart part;
    part.slot = {"main", "SM", 1};
    part.received_at = at;
    part.state = state;
    part.concat = Concat{.reference = 1, .wide = false, .count = 2, .number = 1};
    static_cast<void>(store->parts.add(in_one(*store), part));
  };
  for (const PartState state :
       {PartState::waiting, PartState::held, PartState::ignored, PartState::quarantined})
    add(state, kOld);
  add(PartState::quarantined, kNow);
  prune_all(store, kBefore);
  CHECK(store->parts.count(PartState::waiting) == 0);
  CHECK(store->parts.count(PartState::held) == 1);
  CHECK(store->parts.count(PartState::quarantined) == 1);
}

TEST_CASE("retention: no id comes twice, whatever was deleted") {
  test::TempStore store;
  const std::int64_t last = text(store, kOld, true);
  prune_all(store, kBefore);
  store.reopen();
  CHECK(text(store, kNow, true) > last);
}

TEST_CASE("retention: posts stay while one of an earlier run may be in doubt") {
  test::TempStore store;
  for (int i = 0; i < 3; ++i) static_cast<void>(text(store, kOld, true));
  prune_all(store, kBefore, Prune::leave);
  CHECK(rows(store, "posts") == 3);
  CHECK(store->posts.holds("1"));
  prune_all(store, kBefore);
  CHECK(rows(store, "posts") == 1);
}

TEST_CASE("retention: a batch deletes a hundred rows at most, and the round comes to its end") {
  test::TempStore store;
  {
    auto all = store->begin();
    for (int i = 0; i < 250; ++i)
      store->outbox.failed(
          all, store->outbox.add(all, {.phone = kAda, .text = "x", .modem = "main", .message_id = {}}, kOld),
          "");
    all.commit();
  }
  CHECK(store->retention.prune(in_one(*store), kBefore, kNow, Prune::too));
  CHECK(rows(store, "outbox") == 150);
  CHECK(store->retention.prune(in_one(*store), kBefore, kNow, Prune::too));
  CHECK(rows(store, "outbox") == 50);
  CHECK_FALSE(store->retention.prune(in_one(*store), kBefore, kNow, Prune::too));
  CHECK(rows(store, "outbox") == 1);
  CHECK_FALSE(store->retention.prune(in_one(*store), kBefore, kNow, Prune::too));
  CHECK(store->outbox.count(ReplyState::failed) == 250);
}

TEST_CASE("retention: many open texts in front keep none behind them") {
  test::TempStore store;
  {
    auto all = store->begin();
    for (int i = 0; i < 2500; ++i)
      static_cast<void>(store->inbox.add(all, {"main", kAda, "", "x", kOld, kOld}));
    all.commit();
  }
  const std::int64_t over = store->inbox.add(in_one(*store), {"main", kAda, "", "x", kOld, kOld});
  store->inbox.close(in_one(*store), over, Ending::ignored, "");
  static_cast<void>(store->inbox.add(in_one(*store), {"main", kAda, "", "x", kNow, kNow}));
  CHECK(prune_all(store, kBefore) >= 2);
  CHECK_FALSE(store->inbox.find(over).has_value());
  CHECK(rows(store, "inbox") == 2501);
}

TEST_CASE("retention: what a wrong clock has dated in the future keeps nothing behind it") {
  test::TempStore store;
  const std::int64_t future = text(store, kNow + hours(24 * 3650), true);
  const std::int64_t old = text(store, kOld, true);
  static_cast<void>(text(store, kNow, true));
  prune_all(store, kBefore);
  CHECK(store->inbox.find(future).has_value());
  CHECK_FALSE(store->inbox.find(old).has_value());
}
