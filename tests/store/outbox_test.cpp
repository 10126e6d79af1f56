// The outbox: who is sent what in which order, and what is closed without being sent.
#include "store/outbox.h"

#include <doctest/doctest.h>

#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using test::TempStore;

namespace {

const UtcTime kNow = from_unix_ms(1'795'000'000'000);
const std::string kAda = "+12025550123";
const std::string kBob = "+12025550124";

// Kept by X for now, so that its outcome comes later.
std::int64_t message_of(TempStore& temp, const std::string& phone) {
  return temp->inbox.add(in_one(*temp), {"main", phone, phone, "hello", kNow, kNow});
}

std::int64_t owe(TempStore& temp, const std::string& phone, const std::string& text,
                 const std::string& modem = "main") {
  return temp->outbox.add(in_one(*temp), {phone, text, modem, std::nullopt}, kNow);
}

std::int64_t due_id(TempStore& temp, UtcTime now, const std::string& modem = "main") {
  const auto reply = temp->outbox.due(modem, now);
  return reply ? reply->id : 0;
}

}  // namespace

TEST_CASE("outbox: oldest first, progress survives, status reports close it") {
  TempStore temp;
  const auto id = owe(temp, kAda, "long reply");
  static_cast<void>(
      temp->outbox.add(in_one(*temp), {kBob, "later", "main", std::nullopt}, kNow + seconds(1)));
  CHECK_FALSE(temp->outbox.due("other", kNow).has_value());
  CHECK(due_id(temp, kNow) == id);
  temp->outbox.begin_sending(in_one(*temp), id);
  temp.reopen();
  CHECK(temp->outbox.due("main", kNow)->state == ReplyState::sending);  // cut off in its first part
  temp->outbox.part_sent(in_one(*temp), id, 1, 200);
  temp.reopen();
  const auto again = temp->outbox.due("main", kNow);
  REQUIRE(again.has_value());
  CHECK(again->state == ReplyState::queued);  // between two parts nothing is cut off
  CHECK(again->parts_sent == 1);
  CHECK(again->attempts == 1);
  temp->outbox.part_sent(in_one(*temp), id, 2, 201);
  temp->outbox.sent(in_one(*temp), id, kNow);
  CHECK_FALSE(temp->status_reports.take(in_one(*temp), {"main", "+12025550009", 200, true}, kNow));
  CHECK_FALSE(temp->status_reports.take(in_one(*temp), {"other", kAda, 200, true}, kNow));
  CHECK(temp->status_reports.take(in_one(*temp), {"main", kAda, 200, true}, kNow));
  CHECK(temp->outbox.count(ReplyState::delivered) == 0);
  CHECK(temp->status_reports.take(in_one(*temp), {"main", kAda, 201, true}, kNow));
  CHECK(temp->outbox.count(ReplyState::delivered) == 1);
  CHECK(
      temp->status_reports.take(in_one(*temp), {"main", kAda, 201, false}, kNow));  // once more: it is known
  CHECK(temp->outbox.count(ReplyState::delivered) == 1);
}

TEST_CASE("outbox: of an unclear part nobody knows the reference, and a report settles it") {
  TempStore temp;
  const auto id = owe(temp, kAda, "long reply");
  temp->outbox.begin_sending(in_one(*temp), id);
  temp->outbox.part_unclear(in_one(*temp), id, 1, "no result", kNow);
  temp.reopen();
  CHECK(temp->outbox.due("main", kNow)->parts_sent == 1);  // what comes is the second part
  temp->outbox.part_sent(in_one(*temp), id, 2, 201);
  temp->outbox.sent(in_one(*temp), id, kNow);
  CHECK_FALSE(temp->outbox.next_due("main").has_value());
  const auto unclear = [&](UtcTime now) { return temp->outbox.unclear(10, now).size(); };
  CHECK(temp->outbox.count(ReplyState::unclear) == 1);
  CHECK(temp->outbox.count(ReplyState::sent) == 0);
  CHECK(unclear(kNow) == 1);
  SUBCASE("both parts arrive, the known one first") {
    CHECK(temp->status_reports.take(in_one(*temp), {"main", kAda, 201, true}, kNow));
    CHECK(temp->outbox.count(ReplyState::unclear) == 1);
    CHECK(temp->status_reports.take(in_one(*temp), {"main", kAda, 34, true}, kNow));
    CHECK(temp->outbox.count(ReplyState::delivered) == 1);
    CHECK(temp->outbox.count(ReplyState::unclear) == 0);
    CHECK_FALSE(temp->status_reports.take(in_one(*temp), {"main", kAda, 34, true}, kNow));
  }
  SUBCASE("the unclear one cannot be delivered") {
    CHECK(temp->status_reports.take(in_one(*temp), {"main", kAda, 34, false}, kNow));
    CHECK(temp->outbox.count(ReplyState::undelivered) == 1);
  }
  SUBCASE("another modem's report settles nothing, nor does another phone's") {
    CHECK_FALSE(temp->status_reports.take(in_one(*temp), {"other", kAda, 34, true}, kNow));
    CHECK_FALSE(temp->status_reports.take(in_one(*temp), {"main", kBob, 34, true}, kNow));
    CHECK(temp->outbox.count(ReplyState::unclear) == 1);
  }
  SUBCASE("its age settles it: nobody waits for a report any more") {
    CHECK_FALSE(temp->status_reports.take(in_one(*temp), {"main", kAda, 34, true}, kNow + kUnclearLife));
    CHECK(unclear(kNow + kUnclearLife - milliseconds(1)) == 1);
    CHECK(unclear(kNow + kUnclearLife) == 0);
  }
  SUBCASE("the operator has it sent again") {
    CHECK(temp->outbox.unsent(id)->state == ReplyState::unclear);
    temp->outbox.move(in_one(*temp), id, "main", kNow);
    CHECK(temp->outbox.count(ReplyState::unclear) == 0);
    CHECK(temp->outbox.due("main", kNow)->parts_sent == 0);
  }
}

TEST_CASE("outbox: a report that may be of either of two replies settles none") {
  TempStore temp;
  const auto not_out = owe(temp, kAda, "never went out");
  temp->outbox.begin_sending(in_one(*temp), not_out);
  temp->outbox.part_unclear(in_one(*temp), not_out, 1, "no result", kNow);
  temp->outbox.sent(in_one(*temp), not_out, kNow);
  const auto out = owe(temp, kAda, "went out");
  temp->outbox.begin_sending(in_one(*temp), out);
  SUBCASE("both are unclear") {
    temp->outbox.part_unclear(in_one(*temp), out, 1, "no result", kNow);
    temp->outbox.sent(in_one(*temp), out, kNow);
    CHECK_FALSE(temp->status_reports.take(in_one(*temp), {"main", kAda, 34, true}, kNow));
    CHECK(temp->outbox.count(ReplyState::unclear) == 2);
  }
  SUBCASE("one was sent, and the modem gave no reference") {
    temp->outbox.part_sent(in_one(*temp), out, 1, -1);
    temp->outbox.sent(in_one(*temp), out, kNow);
    CHECK_FALSE(temp->status_reports.take(in_one(*temp), {"main", kAda, 34, true}, kNow));
    CHECK(temp->outbox.count(ReplyState::unclear) == 1);
    // Alone it is the one.
    temp->outbox.move(in_one(*temp), not_out, "main", kNow);
    CHECK(temp->status_reports.take(in_one(*temp), {"main", kAda, 34, true}, kNow));
    CHECK(temp->outbox.count(ReplyState::delivered) == 1);
  }
}

TEST_CASE("outbox: a postponed reply holds the later ones of its person, and nobody else's") {
  TempStore temp;
  const auto first = owe(temp, kAda, "first");
  const auto second = owe(temp, kAda, "second");
  const auto bobs = owe(temp, kBob, "first");
  const auto elsewhere = owe(temp, kAda, "over another modem", "spare");
  const UtcTime later = kNow + std::chrono::minutes(10);
  temp->outbox.begin_sending(in_one(*temp), first);
  temp->outbox.postpone(in_one(*temp), first, Setback::refused, later, "congestion");

  CHECK(due_id(temp, kNow) == bobs);
  CHECK(due_id(temp, kNow, "spare") == elsewhere);
  temp->outbox.sent(in_one(*temp), bobs, kNow);
  CHECK(due_id(temp, kNow) == 0);
  CHECK(temp->outbox.next_due("main") == later);  // and not before: nothing could be done then
  CHECK(due_id(temp, later) == first);
  SUBCASE("until it is sent") {
    temp->outbox.sent(in_one(*temp), first, later);
  }
  SUBCASE("or given up") {
    temp->outbox.failed(in_one(*temp), first, "barred");
  }
  CHECK(due_id(temp, later) == second);
}

TEST_CASE("outbox: refused and unplugged are counted apart") {
  TempStore temp;
  const auto id = owe(temp, kAda, "hello");
  const auto set_back = [&](Setback why) {
    temp->outbox.begin_sending(in_one(*temp), id);
    temp->outbox.postpone(in_one(*temp), id, why, kNow, "why");
  };
  set_back(Setback::unplugged);
  for (int i = 0; i < 2; ++i) set_back(Setback::refused);
  temp.reopen();
  auto reply = temp->outbox.due("main", kNow);
  REQUIRE(reply.has_value());
  CHECK(reply->attempts == 3);
  CHECK(reply->unplugged == 1);
  CHECK(reply->refused == 2);
  temp->outbox.part_sent(in_one(*temp), id, 1, 7);
  CHECK(temp->outbox.due("main", kNow)->refused == 2);
}

TEST_CASE("outbox: 'Saved' is dropped once its outcome is due, unless it is on its way") {
  struct Row {
    const char* name;
    bool same_message, begun, part_sent;
    ReplyKind kind;
    bool dropped;
  };
  const Row rows[] = {
      {"its outcome", true, false, false, ReplyKind::outcome, true},
      {"another text's outcome", false, false, false, ReplyKind::outcome, false},
      {"a help text", true, false, false, ReplyKind::answer, false},
      {"already in the modem", true, true, false, ReplyKind::outcome, false},
      {"already half sent", true, true, true, ReplyKind::outcome, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    TempStore temp;
    const auto message = message_of(temp, kAda);
    const auto other = message_of(temp, kAda);
    const auto saved =
        temp->outbox.add(in_one(*temp), {kAda, "Saved.", "main", message, ReplyKind::saved}, kNow);
    if (row.begun) temp->outbox.begin_sending(in_one(*temp), saved);
    if (row.part_sent) temp->outbox.part_sent(in_one(*temp), saved, 1, 7);
    const auto outcome = temp->outbox.add(
        in_one(*temp), {kAda, "Posted: hello", "main", row.same_message ? message : other, row.kind}, kNow);
    CHECK(temp->outbox.count(ReplyState::dropped) == (row.dropped ? 1 : 0));
    CHECK(temp->outbox.count(ReplyState::failed) == 0);
    CHECK(due_id(temp, kNow) == (row.dropped ? outcome : saved));
  }
}
