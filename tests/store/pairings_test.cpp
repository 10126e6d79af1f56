// Pairings: codes, states and cookies that work once, for one browser and one phone, and not for long.
#include "store/pairings.h"

#include <doctest/doctest.h>

#include "store/states.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using test::sent_link;
using test::TempStore;

namespace {

const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");
const PhoneNumber kBob = *PhoneNumber::parse("+12025550199");
constexpr std::chrono::minutes kLife{15};

Credentials credentials() {
  return {"access", "refresh", utc_now() + seconds(7200), "tweet.write", "42", "ada"};
}

}  // namespace

TEST_CASE("pairings: from the offer to the account") {
  TempStore temp;
  Pairings& pairings = temp->pairings;
  const UtcTime now = utc_now();
  const std::string former = sent_link(*temp, kAda, kLife, now).code;
  const std::string code = sent_link(*temp, kAda, kLife, now).code;
  CHECK_FALSE(pairings.find_by_code(former, now).has_value());  // overtaken
  const auto pairing = pairings.find_by_code(code, now);
  REQUIRE(pairing.has_value());
  CHECK(pairing->phone == kAda.e164());
  CHECK(pairing->modem == "main");
  CHECK_FALSE(pairings.find_by_code("000000000000", now).has_value());
  CHECK_FALSE(pairings.find_by_code(code, now + kLife).has_value());

  pairings.start(in_one(*temp), pairing->id, "state", "cookie", "verifier", now);
  CHECK_FALSE(pairings.find_by_state("state", "other browser", now).has_value());
  CHECK_FALSE(pairings.find_by_state("other state", "cookie", now).has_value());
  CHECK_FALSE(pairings.find_by_state("state", "cookie", now + kLife).has_value());
  REQUIRE(pairings.find_by_state("state", "cookie", now).has_value());
  CHECK(pairings.take_verifier(in_one(*temp), pairing->id) == "verifier");
  CHECK_FALSE(pairings.take_verifier(in_one(*temp), pairing->id).has_value());
  CHECK_FALSE(pairings.find_by_state("state", "cookie", now).has_value());

  CHECK_FALSE(pairings.awaiting_text_back(kAda, now).has_value());
  REQUIRE(pairings.authorise(in_one(*temp), pairing->id, credentials(), "123456", now));
  REQUIRE(pairings.awaiting_text_back(kAda, now).has_value());
  CHECK(pairings.find_by_code(code, now).has_value());  // whoever opens it again starts over
  CHECK_FALSE(pairings.find_by_text_back("654321", now).has_value());
  REQUIRE(pairings.find_by_text_back("123456", now).has_value());
  CHECK(pairings.find_by_text_back("123456", now)->id == pairing->id);
  REQUIRE(pairings.link(in_one(*temp), pairing->id, now).has_value());
  CHECK(temp->accounts.bearer_valid(kAda, now));
  CHECK_FALSE(pairings.find_by_code(code, now).has_value());
  const auto ended = pairings.find(pairing->id);
  REQUIRE(ended.has_value());
  CHECK(ended->state == PairingState::linked);
  CHECK(ended->username == "ada");
  CHECK(temp->jobs.count(JobKind::announcement) == 1);
  CHECK(temp->revocations.count() == 0);  // the account has them
}

TEST_CASE("pairings: a text-back code is accepted until its deadline and not after it") {
  TempStore temp;
  const UtcTime now = utc_now();
  const auto id = sent_link(*temp, kAda, kLife, now).id;
  temp->pairings.start(in_one(*temp), id, "s", "c", "v", now);
  REQUIRE(temp->pairings.authorise(in_one(*temp), id, credentials(), "123456", now));
  CHECK(temp->pairings.awaiting_text_back(kAda, now + kLife - milliseconds(1)).has_value());
  CHECK(temp->pairings.find_by_text_back("123456", now + kLife - milliseconds(1)).has_value());
  CHECK_FALSE(temp->pairings.find_by_text_back("123456", now + kLife).has_value());
  CHECK_FALSE(temp->pairings.awaiting_text_back(kAda, now + kLife).has_value());
  CHECK_FALSE(temp->pairings.awaiting_text_back(kAda, now + kLife + seconds(1)).has_value());
}

TEST_CASE("pairings: three wrong codes end it and forget code and tokens") {
  TempStore temp;
  const UtcTime now = utc_now();
  const auto id = sent_link(*temp, kAda, kLife, now).id;
  temp->pairings.start(in_one(*temp), id, "s", "c", "v", now);
  REQUIRE(temp->pairings.authorise(in_one(*temp), id, credentials(), "123456", now));
  CHECK_FALSE(temp->pairings.count_wrong_code(in_one(*temp), id, now));
  CHECK_FALSE(temp->pairings.count_wrong_code(in_one(*temp), id, now));
  CHECK(temp->pairings.find_by_text_back("123456", now).has_value());
  CHECK(temp->pairings.count_wrong_code(in_one(*temp), id, now));
  CHECK_FALSE(temp->pairings.find_by_text_back("123456", now).has_value());
  CHECK_FALSE(temp->pairings.awaiting_text_back(kAda, now).has_value());
  CHECK(temp->pairings.find(id)->failure == store::PairingFailure::wrong_code);
  CHECK(temp->jobs.count(JobKind::announcement) == 1);
  CHECK(temp->revocations.find(1)->refresh_token == "refresh");
  CHECK(temp->jobs.count(JobKind::revocation) == 1);
  CHECK_FALSE(temp->pairings.link(in_one(*temp), id, now).has_value());
}

TEST_CASE("pairings: one that has ended takes no credentials any more") {
  TempStore temp;
  const UtcTime now = utc_now();
  const auto id = sent_link(*temp, kAda, kLife, now).id;
  temp->pairings.start(in_one(*temp), id, "s", "c", "v", now);
  temp->pairings.fail(in_one(*temp), id, store::PairingFailure::cancelled, now);
  temp->pairings.fail(in_one(*temp), id, store::PairingFailure::error, now);  // it has ended already
  CHECK(temp->jobs.count(JobKind::announcement) == 1);
  CHECK_FALSE(temp->pairings.authorise(in_one(*temp), id, credentials(), "123456", now));
  CHECK_FALSE(temp->pairings.link_at_once(in_one(*temp), id, credentials(), now));
  CHECK_FALSE(temp->pairings.link_at_once(in_one(*temp), id + 1, credentials(), now));
  CHECK_FALSE(temp->accounts.user_exists(kAda));
}

TEST_CASE("pairings: what was agreed to has a job that ends it, what ended is purged") {
  TempStore temp;
  const UtcTime now = utc_now();
  const UtcTime later = now + std::chrono::hours(48);
  Database observer(temp.database());
  Statement all(observer, "SELECT count(*) FROM pairings");
  const auto rows = [&all] {
    Query query = all.bind();
    return query.next() ? query.integer(0) : -1;
  };
  const auto id = sent_link(*temp, kAda, kLife, now).id;
  temp->pairings.start(in_one(*temp), id, "s", "c", "v", now);
  REQUIRE(temp->pairings.authorise(in_one(*temp), id, credentials(), "123456", now));
  static_cast<void>(sent_link(*temp, kBob, kLife, now));  // never opened
  CHECK_FALSE(temp->claim(Lane::local, now).job.has_value());
  const auto claim = temp->claim(Lane::local, now + kLife);
  REQUIRE(claim.job.has_value());
  CHECK(claim.job->kind == JobKind::expiry);
  CHECK(claim.job->subject == id);
  temp->pairings.purge(in_one(*temp), now);
  CHECK(rows() == 2);  // nothing is over yet
  temp->pairings.purge(in_one(*temp), later);
  CHECK(rows() == 1);  // the other stays until its job has ended it
  temp->pairings.fail(in_one(*temp), id, store::PairingFailure::expired, now);
  temp->pairings.purge(in_one(*temp), later);
  CHECK(rows() == 0);
}

TEST_CASE("pairings: no two that wait have the same code, and it stands nowhere as it is") {
  TempStore temp;
  const UtcTime now = utc_now();
  const auto ada_id = sent_link(*temp, kAda, kLife, now).id;
  const auto bob_id = sent_link(*temp, kBob, kLife, now).id;
  temp->pairings.start(in_one(*temp), ada_id, "s", "c", "v", now);
  temp->pairings.start(in_one(*temp), bob_id, "t", "d", "w", now);
  REQUIRE(temp->pairings.authorise(in_one(*temp), ada_id, credentials(), "123456", now));
  static int drawn = 0;
  drawn = 0;
  const auto draw = [] { return std::string(++drawn == 1 ? "123456" : "654321"); };
  CHECK(temp->pairings.unused_code(in_one(*temp), draw) == "654321");
  CHECK_THROWS_AS(
      static_cast<void>(temp->pairings.authorise(in_one(*temp), bob_id, credentials(), "123456", now)),
      StorageError);
  Database observer(temp.database());
  Statement read(observer, "SELECT text_back_digest FROM pairings WHERE text_back_digest IS NOT NULL");
  Query row = read.bind();
  REQUIRE(row.next());
  CHECK(row.blob(0).size() == 32);
  CHECK(row.blob(0) != sha256("123456"));
}

TEST_CASE("pairings: every step from every state goes where the table of the arrows says") {
  using enum PairingState;
  const UtcTime now = utc_now();
  for (const PairingState from : {offered, started, authorised, linked, failed, dropped}) {
    for (const PairingState to : {started, authorised, linked, failed, dropped}) {
      CAPTURE(state_word(from));
      CAPTURE(state_word(to));
      TempStore temp;
      const auto id = sent_link(*temp, kAda, kLife, now).id;
      const auto go = [&](PairingState state) {
        if (state == started) temp->pairings.start(in_one(*temp), id, "s", "c", "v", now);
        if (state == authorised)
          static_cast<void>(temp->pairings.authorise(in_one(*temp), id, credentials(), "123456", now));
        if (state == linked)
          static_cast<void>(temp->pairings.link_at_once(in_one(*temp), id, credentials(), now));
        if (state == failed) temp->pairings.fail(in_one(*temp), id, PairingFailure::error, now);
        if (state == dropped)
          static_cast<void>(temp->pairings.offer_link(in_one(*temp), kAda, "main", kLife, now));
      };
      if (from != offered && from != dropped) go(started);
      if (from != offered && from != started) go(from);
      REQUIRE(temp->pairings.find(id)->state == from);
      const auto revoked = temp->revocations.count();
      go(to);
      CHECK(temp->pairings.find(id)->state == (may_become(from, to) ? to : from));
      const bool gives_up = from == authorised && to != linked && to != authorised;
      CHECK(temp->revocations.count() == revoked + (gives_up ? 1 : 0));
    }
  }
}

TEST_CASE("pairings: a phone has one that has not ended") {
  TempStore temp;
  const UtcTime now = utc_now();
  const auto first = sent_link(*temp, kAda, kLife, now).id;
  const auto of_bob = sent_link(*temp, kBob, kLife, now).id;
  const auto second = sent_link(*temp, kAda, kLife, now).id;
  CHECK(temp->pairings.live(kAda, now)->id == second);
  CHECK(temp->pairings.live(kBob, now)->id == of_bob);
  CHECK(temp->pairings.find(first)->state == PairingState::dropped);
  CHECK_FALSE(temp->pairings.live(kAda, now + kLife).has_value());
  Database other(temp.database());
  Statement again(other, "UPDATE pairings SET state = 'offered' WHERE id = ?1");
  CHECK_THROWS_AS(again.bind(first).run(), StorageError);
}

TEST_CASE("pairings: the life of a code begins when X agreed") {
  TempStore temp;
  const UtcTime now = utc_now();
  const auto id = sent_link(*temp, kAda, kLife, now).id;
  temp->pairings.start(in_one(*temp), id, "s", "c", "v", now);
  const UtcTime agreed = now + kLife - seconds(1);
  REQUIRE(temp->pairings.authorise(in_one(*temp), id, credentials(), "123456", agreed));
  CHECK(temp->pairings.find_by_text_back("123456", agreed + kLife - milliseconds(1)).has_value());
  CHECK_FALSE(temp->pairings.find_by_text_back("123456", agreed + kLife).has_value());
}
