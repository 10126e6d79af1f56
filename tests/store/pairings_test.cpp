// Pairings: codes, states and cookies that work once, for one browser and one phone, and not for long.
#include "store/pairings.h"

#include <doctest/doctest.h>

#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using test::sent_link;
using test::TempStore;

namespace {

const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");
constexpr std::chrono::minutes kLife{15};

Credentials credentials() {
  return {"access", "refresh", utc_now() + seconds(7200), "tweet.write", "42", "ada"};
}

}  // namespace

TEST_CASE("pairings: from the offer to the account") {
  TempStore temp;
  Pairings& pairings = temp->pairings;
  const UtcTime now = utc_now();
  const std::string code = sent_link(*temp, kAda, kLife, now).code;
  const std::string other = sent_link(*temp, kAda, kLife, now).code;
  const auto pairing = pairings.find_by_code(code, now);
  REQUIRE(pairing.has_value());
  CHECK(pairing->phone == kAda.e164());
  CHECK(pairing->modem == "main");
  CHECK_FALSE(pairings.find_by_code("000000000000", now).has_value());
  CHECK_FALSE(pairings.find_by_code(code, now + kLife).has_value());

  pairings.start(in_one(*temp), pairing->id, "state", "cookie", "verifier");
  CHECK_FALSE(pairings.find_by_state("state", "other browser", now).has_value());
  CHECK_FALSE(pairings.find_by_state("other state", "cookie", now).has_value());
  CHECK_FALSE(pairings.find_by_state("state", "cookie", now + kLife).has_value());
  REQUIRE(pairings.find_by_state("state", "cookie", now).has_value());
  CHECK(pairings.take_verifier(in_one(*temp), pairing->id) == "verifier");
  CHECK_FALSE(pairings.take_verifier(in_one(*temp), pairing->id).has_value());
  CHECK_FALSE(pairings.find_by_state("state", "cookie", now).has_value());

  CHECK_FALSE(pairings.awaiting_text_back(kAda, now).has_value());
  REQUIRE(pairings.authorise(in_one(*temp), pairing->id, credentials(), "123456"));
  REQUIRE(pairings.awaiting_text_back(kAda, now).has_value());
  CHECK_FALSE(pairings.find_by_code(code, now).has_value());
  CHECK_FALSE(pairings.find_by_text_back("654321", now).has_value());
  REQUIRE(pairings.find_by_text_back("123456", now).has_value());
  CHECK(pairings.find_by_text_back("123456", now)->id == pairing->id);
  REQUIRE(pairings.link(in_one(*temp), pairing->id, now).has_value());
  CHECK(temp->accounts.bearer_valid(kAda, now));
  CHECK_FALSE(pairings.find_by_code(other, now).has_value());
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
  temp->pairings.start(in_one(*temp), id, "s", "c", "v");
  REQUIRE(temp->pairings.authorise(in_one(*temp), id, credentials(), "123456"));
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
  temp->pairings.start(in_one(*temp), id, "s", "c", "v");
  REQUIRE(temp->pairings.authorise(in_one(*temp), id, credentials(), "123456"));
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
  temp->pairings.start(in_one(*temp), id, "s", "c", "v");
  temp->pairings.fail(in_one(*temp), id, store::PairingFailure::cancelled, now);
  temp->pairings.fail(in_one(*temp), id, store::PairingFailure::error, now);  // it has ended already
  CHECK(temp->jobs.count(JobKind::announcement) == 1);
  CHECK_FALSE(temp->pairings.authorise(in_one(*temp), id, credentials(), "123456"));
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
  temp->pairings.start(in_one(*temp), id, "s", "c", "v");
  REQUIRE(temp->pairings.authorise(in_one(*temp), id, credentials(), "123456"));
  static_cast<void>(sent_link(*temp, kAda, kLife, now));  // never opened
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
  const PhoneNumber bob = *PhoneNumber::parse("+12025550199");
  const auto ada_id = sent_link(*temp, kAda, kLife, now).id;
  const auto bob_id = sent_link(*temp, bob, kLife, now).id;
  temp->pairings.start(in_one(*temp), ada_id, "s", "c", "v");
  temp->pairings.start(in_one(*temp), bob_id, "t", "d", "w");
  REQUIRE(temp->pairings.authorise(in_one(*temp), ada_id, credentials(), "123456"));
  static int drawn = 0;
  drawn = 0;
  const auto draw = [] { return std::string(++drawn == 1 ? "123456" : "654321"); };
  CHECK(temp->pairings.unused_code(in_one(*temp), draw) == "654321");
  CHECK_THROWS_AS(static_cast<void>(temp->pairings.authorise(in_one(*temp), bob_id, credentials(), "123456")),
                  StorageError);
  Database observer(temp.database());
  Statement read(observer, "SELECT text_back_digest FROM pairings WHERE text_back_digest IS NOT NULL");
  Query row = read.bind();
  REQUIRE(row.next());
  CHECK(row.blob(0).size() == 32);
  CHECK(row.blob(0) != sha256("123456"));
}
