// The life of a texted link: good from when it is written, and for its minutes from when its SMS is sent.
#include <doctest/doctest.h>

#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using std::chrono::minutes;
using test::TempStore;

namespace {

const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");
const UtcTime kNow = from_unix_ms(1'795'000'000'000);
constexpr minutes kLife{15};
constexpr milliseconds kMoment{1};

// A link that was written at kNow and waits for its SMS.
struct Offered {
  TempStore temp;
  OfferedLink link = temp->pairings.offer_link(in_one(*temp), kAda, "main", kLife, kNow);
  std::int64_t reply = temp->outbox.add(
      in_one(*temp), {kAda.e164(), "Open " + link.code, "main", std::nullopt, ReplyKind::link, link.id},
      kNow);

  [[nodiscard]] bool good(UtcTime at) { return temp->pairings.find_by_code(link.code, at).has_value(); }
  // Its last moment is just before `end`.
  void check_ends_at(UtcTime end) {
    CHECK(good(end - kMoment));
    CHECK_FALSE(good(end));
  }
};

}  // namespace

TEST_CASE("links: good from the moment they are written, for their life from the sending of the last part") {
  Offered offered;
  CHECK(offered.good(kNow));
  CHECK(offered.good(kNow + minutes(59)));  // while it may still be sent it cannot run out
  SUBCASE("sent after 40 minutes") {
    const UtcTime sent = kNow + minutes(40);
    offered.temp->outbox.begin_sending(in_one(*offered.temp), offered.reply);
    offered.temp->outbox.part_sent(in_one(*offered.temp), offered.reply, 1, 7);
    CHECK(offered.good(kNow + kLinkPatience));  // the first of two parts begins nothing
    offered.temp->outbox.sent(in_one(*offered.temp), offered.reply, sent);
    offered.check_ends_at(sent + kLife);
  }
  SUBCASE("perhaps sent after 5 minutes: nobody knows") {
    const UtcTime unclear = kNow + minutes(5);
    offered.temp->outbox.begin_sending(in_one(*offered.temp), offered.reply);
    offered.temp->outbox.part_unclear(in_one(*offered.temp), offered.reply, 1, "no result", unclear);
    offered.check_ends_at(unclear + kLife);
    SUBCASE("it may have arrived, and is good for its life") {
      offered.temp->outbox.sent(in_one(*offered.temp), offered.reply, unclear);
      offered.check_ends_at(unclear + kLife);
    }
    SUBCASE("its second part is refused for good: the first may do, and it is good for its life") {
      offered.temp->outbox.failed(in_one(*offered.temp), offered.reply, "barred");
      offered.check_ends_at(unclear + kLife);
    }
  }
  SUBCASE("a refusal begins nothing") {
    offered.temp->outbox.postpone(in_one(*offered.temp), offered.reply, Setback::refused, kNow, "congestion");
    CHECK(offered.good(kNow + minutes(59)));
  }
  SUBCASE("a refusal for good ends it") {
    offered.temp->outbox.failed(in_one(*offered.temp), offered.reply, "barred");
    CHECK_FALSE(offered.good(kNow));
    CHECK(offered.temp->jobs.count(JobKind::announcement) == 0);
  }
}

TEST_CASE("links: one that was begun in its life keeps what it was promised") {
  Offered offered;
  offered.temp->pairings.start(in_one(*offered.temp), offered.link.id, "state", "cookie", "verifier", kNow);
  offered.temp->outbox.sent(in_one(*offered.temp), offered.reply, kNow + minutes(1));
  CHECK(offered.temp->pairings.find_by_state("state", "cookie", kNow + minutes(16) - kMoment).has_value());
  CHECK_FALSE(offered.temp->pairings.find_by_state("state", "cookie", kNow + minutes(16)).has_value());
}

TEST_CASE("links: not sent within an hour, it is dropped with its pairing, and nobody is told") {
  Offered offered;
  Store& store = *offered.temp;
  const UtcTime end = kNow + kLinkPatience;
  store.outbox.postpone(in_one(store), offered.reply, Setback::refused, end + minutes(30), "no network");
  CHECK(store.outbox.next_due("main") == end);  // it is closed then, and holds nobody up any longer
  CHECK(store.outbox.drop_stale_links(in_one(store), "main", end - kMoment) == 0);
  CHECK(store.outbox.drop_stale_links(in_one(store), "spare", end) == 0);
  CHECK(store.outbox.drop_stale_links(in_one(store), "main", end) == 1);
  CHECK(store.outbox.count(ReplyState::dropped) == 1);
  CHECK(store.outbox.count(ReplyState::failed) == 0);
  CHECK_FALSE(offered.good(end - kMoment));
  CHECK(store.jobs.count(JobKind::announcement) == 0);
  CHECK_FALSE(store.outbox.next_due("main").has_value());
  store.pairings.fail(in_one(store), offered.link.id, PairingFailure::error, end);  // it has ended
  CHECK(store.jobs.count(JobKind::announcement) == 0);

  const OfferedLink next = store.pairings.offer_link(in_one(store), kAda, "main", kLife, end);
  CHECK(store.pairings.find_by_code(next.code, end).has_value());
  store.pairings.purge(in_one(store), kNow + std::chrono::hours(48));
  CHECK(store.pairings.find_by_code(next.code, end) == std::nullopt);
}

TEST_CASE("links: one that somebody has opened is not taken from him") {
  Offered offered;
  offered.temp->pairings.start(in_one(*offered.temp), offered.link.id, "state", "cookie", "verifier", kNow);
  CHECK(offered.temp->outbox.drop_stale_links(in_one(*offered.temp), "main", kNow + kLinkPatience) == 1);
  CHECK(offered.temp->pairings.find_by_state("state", "cookie", kNow + kLinkPatience).has_value());
}

TEST_CASE("links: a link that was overtaken by another one of the phone is not sent any more") {
  Offered offered;
  Store& store = *offered.temp;
  const OfferedLink other = store.pairings.offer_link(in_one(store), kAda, "main", kLife, kNow);
  store.pairings.start(in_one(store), other.id, "state", "cookie", "verifier", kNow);
  REQUIRE(store.pairings.link_at_once(in_one(store), other.id,
                                      {"a", "r", kNow + minutes(120), "tweet.write", "42", "ada"}, kNow));
  CHECK(store.outbox.drop_stale_links(in_one(store), "main", kNow) == 1);
  CHECK(store.outbox.count(ReplyState::dropped) == 1);
}

TEST_CASE("links: an exchange that was overtaken stores nothing in the next person's pairing") {
  test::TempStore temp;
  Store& store = *temp;
  const OfferedLink overtaken = store.pairings.offer_link(in_one(store), kAda, "main", kLife, kNow);
  store.pairings.start(in_one(store), overtaken.id, "state", "cookie", "verifier", kNow);
  const OfferedLink other = store.pairings.offer_link(in_one(store), kAda, "main", kLife, kNow);
  store.pairings.start(in_one(store), other.id, "third state", "third cookie", "verifier", kNow);
  REQUIRE(store.pairings.link_at_once(in_one(store), other.id, {}, kNow));
  const auto bob = *PhoneNumber::parse("+12025550124");
  const OfferedLink next = store.pairings.offer_link(in_one(store), bob, "main", kLife, kNow);
  store.pairings.start(in_one(store), next.id, "other state", "other cookie", "other verifier", kNow);
  CHECK(next.id != overtaken.id);
  CHECK_FALSE(store.pairings.authorise(in_one(store), overtaken.id, {}, "482193", kNow));
  CHECK_FALSE(store.pairings.find_by_code(overtaken.code, kNow).has_value());
}

TEST_CASE("links: STOP keeps a link that waits for the modem from being sent") {
  Offered offered;
  offered.temp->pairings.forget(in_one(*offered.temp), kAda, kNow);
  CHECK(offered.temp->outbox.drop_stale_links(in_one(*offered.temp), "main", kNow) == 1);
}
