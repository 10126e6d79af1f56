// What an operator does to replies that are not sent: look, move, drop.
#include <doctest/doctest.h>

#include "tests/store/temp_store.h"

using namespace pigeon;
using store::ReplyState;

namespace {

constexpr UtcTime kNow = UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 28));
constexpr const char* kAda = "+12025550123";

std::int64_t add(store::Store& store, const std::string& modem, const std::string& text) {
  return store.outbox.add(in_one(store), {kAda, text, modem, std::nullopt}, kNow);
}

void fail(store::Store& store, std::int64_t id) {
  store.outbox.begin_sending(in_one(store), id);
  store.outbox.failed(in_one(store), id, "no credit");
}

std::string texts(const std::vector<store::UnsentReply>& replies) {
  std::string all;
  for (const store::UnsentReply& reply : replies) all += reply.text + " ";
  return all;
}

}  // namespace

TEST_CASE("outbox: those that wait and those that failed are listed, and those that were sent are not") {
  test::TempStore store;
  add(*store, "main", "a");
  const auto failed = add(*store, "main", "b");
  const auto sent = add(*store, "main", "c");
  add(*store, "gone", "d");
  fail(*store, failed);
  store->outbox.sent(in_one(*store), sent, kNow);
  CHECK(texts(store->outbox.open(10)) == "d a ");
  CHECK(texts(store->outbox.open(1)) == "d ");
  CHECK(texts(store->outbox.failed(10)) == "b ");
  CHECK(store->outbox.failed(10).front().error == "no credit");
  CHECK(store->outbox.unsent(failed)->state == ReplyState::failed);
  CHECK_FALSE(store->outbox.unsent(sent).has_value());
  CHECK_FALSE(store->outbox.unsent(99).has_value());
}

TEST_CASE("outbox: a reply that is moved is the other modem's, from its first part on") {
  test::TempStore store;
  const auto id = add(*store, "gone", "a");
  store->outbox.begin_sending(in_one(*store), id);
  store->outbox.part_sent(in_one(*store), id, 1, 17);
  store->outbox.move(in_one(*store), id, "main", kNow);
  CHECK_FALSE(store->outbox.due("gone", kNow).has_value());
  const auto due = store->outbox.due("main", kNow);
  REQUIRE(due.has_value());
  CHECK(due->id == id);
  CHECK(due->parts_sent == 0);
  // What the network says about the old part is nobody's.
  CHECK_FALSE(store->status_reports.take(in_one(*store), {"main", kAda, 17, true}, kNow));
}

TEST_CASE("outbox: a reply that failed is owed again when it is moved, and counted once") {
  test::TempStore store;
  const auto id = add(*store, "main", "a");
  fail(*store, id);
  CHECK(store->outbox.count(ReplyState::failed) == 1);
  store->outbox.move(in_one(*store), id, "main", kNow);
  CHECK(store->outbox.count(ReplyState::failed) == 0);
  CHECK(store->outbox.count(ReplyState::queued) == 1);
  CHECK(store->outbox.count(ReplyState::sent) == 0);
  CHECK(store->outbox.due("main", kNow).has_value());
  store->outbox.sent(in_one(*store), id, kNow);
  CHECK(store->outbox.count(ReplyState::sent) == 1);
}

TEST_CASE("outbox: a reply that is dropped is owed no more and holds no other") {
  test::TempStore store;
  const auto first = add(*store, "main", "a");
  const auto second = add(*store, "main", "b");
  store->outbox.postpone(in_one(*store), first, store::Setback::refused, kNow + seconds(60), "busy");
  CHECK_FALSE(store->outbox.due("main", kNow).has_value());
  store->outbox.drop(in_one(*store), first);
  REQUIRE(store->outbox.due("main", kNow).has_value());
  CHECK(store->outbox.due("main", kNow)->id == second);
  CHECK(store->outbox.count(ReplyState::dropped) == 1);
}

TEST_CASE("outbox: a link that is dropped takes its pairing with it") {
  test::TempStore store;
  const auto phone = *PhoneNumber::parse(kAda);
  auto transaction = store->begin();
  const auto link = store->pairings.offer_link(transaction, phone, "main", std::chrono::minutes(15), kNow);
  const auto id = store->outbox.add(
      transaction, {kAda, "link", "main", std::nullopt, store::ReplyKind::link, link.id}, kNow);
  store->outbox.drop(transaction, id);
  transaction.commit();
  CHECK_FALSE(store->pairings.find_by_code(link.code, kNow).has_value());
}
