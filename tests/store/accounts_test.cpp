// Accounts: the four cases of a returning person, and tokens that are sealed in the file.
#include "store/accounts.h"

#include <doctest/doctest.h>

#include "base/file.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using test::TempStore;

namespace {

const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");
const PhoneNumber kBob = *PhoneNumber::parse("+12025550124");

Credentials credentials(UtcTime expires) {
  return {"access-1", "refresh-1", expires, "tweet.read tweet.write", "42", "ada"};
}

std::int64_t grant_of(TempStore& temp) {
  return temp->accounts.find(kAda)->grant;
}

}  // namespace

TEST_CASE("accounts: unknown, valid, expired, dead") {
  TempStore temp;
  const UtcTime now = utc_now();
  CHECK_FALSE(temp->accounts.user_exists(kAda));
  CHECK_FALSE(temp->accounts.bearer_valid(kAda, now));
  CHECK_FALSE(temp->accounts.refresh_valid(kAda));

  temp->accounts.add_credentials(in_one(*temp), kAda, credentials(now + seconds(7200)), now);
  CHECK(temp->accounts.user_exists(kAda));
  CHECK(temp->accounts.bearer_valid(kAda, now));
  CHECK(temp->accounts.refresh_valid(kAda));
  CHECK_FALSE(temp->accounts.user_exists(kBob));

  CHECK(temp->accounts.bearer_valid(kAda, now + seconds(7100)));
  CHECK_FALSE(temp->accounts.bearer_valid(kAda, now + seconds(7150)));  // less than a minute left
  CHECK(temp->accounts.refresh_valid(kAda));

  CHECK(temp->accounts.mark_broken(in_one(*temp), kAda, grant_of(temp), utc_now()));
  CHECK(temp->accounts.user_exists(kAda));
  CHECK_FALSE(temp->accounts.bearer_valid(kAda, now));
  CHECK_FALSE(temp->accounts.refresh_valid(kAda));
  CHECK(temp->accounts.find(kAda)->state == AccountState::broken);

  temp->accounts.add_credentials(in_one(*temp), kAda, credentials(now + seconds(7200)), now);
  CHECK(temp->accounts.bearer_valid(kAda, now));
  temp->accounts.remove(in_one(*temp), kAda);
  CHECK_FALSE(temp->accounts.user_exists(kAda));
}

TEST_CASE("accounts: credentials are replaced as a whole, without a refresh token if none was given") {
  TempStore temp;
  const UtcTime now = utc_now();
  temp->accounts.add_credentials(in_one(*temp), kAda, credentials(now), now);
  CHECK(temp->accounts.begin_refresh(in_one(*temp), kAda, grant_of(temp)));
  Credentials fresh = credentials(now + seconds(60));
  fresh.access_token = "access-2";
  fresh.refresh_token.clear();
  fresh.username = "ada2";
  temp->accounts.add_credentials(in_one(*temp), kAda, fresh, now);
  temp.reopen();
  const auto read = temp->accounts.credentials(kAda);
  REQUIRE(read.has_value());
  REQUIRE(read->has_value());
  CHECK((*read)->access_token == "access-2");
  CHECK((*read)->refresh_token.empty());
  CHECK((*read)->username == "ada2");
  CHECK_FALSE(temp->accounts.refresh_valid(kAda));
  CHECK_FALSE(temp->accounts.find(kAda)->refresh_in_flight);
  CHECK(temp->accounts.count(AccountState::linked) == 1);
}

TEST_CASE("accounts: they are counted by state as they come, change and go") {
  TempStore temp;
  const UtcTime now = utc_now();
  const auto counts = [&temp] {
    return std::pair(temp->accounts.count(AccountState::linked), temp->accounts.count(AccountState::broken));
  };
  CHECK(counts() == std::pair<std::int64_t, std::int64_t>(0, 0));
  temp->accounts.add_credentials(in_one(*temp), kAda, credentials(now + seconds(7200)), now);
  temp->accounts.add_credentials(in_one(*temp), kBob, credentials(now + seconds(7200)), now);
  CHECK(counts() == std::pair<std::int64_t, std::int64_t>(2, 0));
  CHECK(temp->accounts.mark_broken(in_one(*temp), kAda, grant_of(temp), utc_now()));
  CHECK(temp->accounts.mark_broken(in_one(*temp), kAda, grant_of(temp), utc_now()));
  CHECK(counts() == std::pair<std::int64_t, std::int64_t>(1, 1));
  temp->accounts.add_credentials(in_one(*temp), kAda, credentials(now + seconds(7200)), now);
  CHECK(counts() == std::pair<std::int64_t, std::int64_t>(2, 0));
  temp->accounts.remove(in_one(*temp), kBob);
  CHECK(counts() == std::pair<std::int64_t, std::int64_t>(1, 0));
}

TEST_CASE("accounts: while a refresh is in flight its access token is not used, its refresh token is") {
  TempStore temp;
  const UtcTime now = utc_now();
  temp->accounts.add_credentials(in_one(*temp), kAda, credentials(now + seconds(7200)), now);
  CHECK(temp->accounts.bearer_valid(kAda, now));
  CHECK(temp->accounts.begin_refresh(in_one(*temp), kAda, grant_of(temp)));
  temp.reopen();
  CHECK(temp->accounts.find(kAda)->refresh_in_flight);
  CHECK_FALSE(temp->accounts.bearer_valid(kAda, now));
  CHECK(temp->accounts.refresh_valid(kAda));
  temp->accounts.refresh_not_sent(in_one(*temp), kAda, grant_of(temp));
  CHECK(temp->accounts.bearer_valid(kAda, now));
}

TEST_CASE("accounts: a grant keeps its number through a refresh, and a new link has another one") {
  TempStore temp;
  const UtcTime now = utc_now();
  temp->accounts.add_credentials(in_one(*temp), kAda, credentials(now), now);
  const std::int64_t first = grant_of(temp);
  CHECK(first != 0);
  CHECK(temp->accounts.begin_refresh(in_one(*temp), kAda, first));
  Credentials fresh = credentials(now + seconds(7200));
  fresh.access_token = "access-2";
  fresh.refresh_token = "refresh-2";
  CHECK(temp->accounts.keep_refreshed(in_one(*temp), kAda, first, fresh));
  CHECK(grant_of(temp) == first);
  CHECK_FALSE(temp->accounts.find(kAda)->refresh_in_flight);
  CHECK((*temp->accounts.credentials(kAda))->refresh_token == "refresh-2");
  CHECK(temp->accounts.bearer_valid(kAda, now));

  temp->accounts.add_credentials(in_one(*temp), kAda, credentials(now), now);  // linked anew
  const std::int64_t second = grant_of(temp);
  CHECK(second != first);
  temp->accounts.remove(in_one(*temp), kAda);  // STOP, and linked again
  temp->accounts.add_credentials(in_one(*temp), kAda, credentials(now), now);
  CHECK(grant_of(temp) != first);
  CHECK(grant_of(temp) != second);
}

TEST_CASE("accounts: what is said of an older grant does not touch a newer one") {
  TempStore temp;
  const UtcTime now = utc_now();
  temp->accounts.add_credentials(in_one(*temp), kAda, credentials(now), now);
  const std::int64_t old = grant_of(temp);
  temp->accounts.add_credentials(in_one(*temp), kAda, credentials(now + seconds(7200)), now);
  CHECK_FALSE(temp->accounts.mark_broken(in_one(*temp), kAda, old, utc_now()));
  CHECK_FALSE(temp->accounts.begin_refresh(in_one(*temp), kAda, old));
  Credentials late = credentials(now);
  late.access_token = "late";
  CHECK_FALSE(temp->accounts.keep_refreshed(in_one(*temp), kAda, old, late));
  CHECK(temp->accounts.bearer_valid(kAda, now));
  CHECK((*temp->accounts.credentials(kAda))->access_token == "access-1");
  temp->accounts.remove(in_one(*temp), kAda);
  CHECK_FALSE(temp->accounts.keep_refreshed(in_one(*temp), kAda, old, late));
  CHECK_FALSE(temp->accounts.user_exists(kAda));
}

TEST_CASE("accounts: no token stands in the file, and a token moved to another row does not open") {
  TempStore temp;
  const UtcTime now = utc_now();
  temp->accounts.add_credentials(in_one(*temp), kAda, credentials(now), now);
  Credentials bobs = credentials(now);
  bobs.access_token = "access-of-bob";
  temp->accounts.add_credentials(in_one(*temp), kBob, bobs, now);
  bobs.access_token = "access-of-bob-renewed";
  CHECK(temp->accounts.keep_refreshed(in_one(*temp), kBob, temp->accounts.find(kBob)->grant, bobs));
  temp.close();
  for (const char* suffix : {"", "-wal"}) {
    const auto content = read_file(temp.database() + suffix, 16 << 20);
    if (content) CHECK(content->find("access-") == std::string::npos);
    if (content) CHECK(content->find("refresh-") == std::string::npos);
  }
  {
    Database db(temp.database());
    db.execute(
        "UPDATE accounts SET access_token = (SELECT access_token FROM accounts WHERE phone = '+12025550123')"
        " WHERE phone = '+12025550124'");
  }
  temp.reopen();
  CHECK(temp->accounts.credentials(kBob).error().code == Errc::denied);
  CHECK(temp->accounts.credentials(kAda).has_value());
}
