// A key that is lost for good: who must link again is known before, what waits is kept, and nobody's box is
// reset whose key is there.
#include "store/key_reset.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/file.h"
#include "tests/killed.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using test::TempStore;

namespace {

constexpr UtcTime kNow{std::chrono::hours(24 * 365 * 56)};
const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");
const PhoneNumber kBob = *PhoneNumber::parse("+12025550124");
const PhoneNumber kEve = *PhoneNumber::parse("+12025550125");

// Ada is linked and has a text that waits, Bob is about to text his code, Eve has said STOP.
std::int64_t fill(Store& store) {
  store.accounts.add_credentials(in_one(store), kAda,
                                 {"access", "refresh", kNow + seconds(7200), "", "42", "ada"}, kNow);
  const std::int64_t message =
      store.inbox.add(in_one(store), {"main", kAda.e164(), kAda.e164(), "a text", kNow, kNow});
  static_cast<void>(store.posts.plan(in_one(store), message, 1, kAda.e164(), "a text"));
  const auto link = test::sent_link(store, kBob, seconds(900), kNow);
  store.pairings.start(in_one(store), link.id, "state", "cookie", "verifier", kNow);
  CHECK(store.pairings.authorise(in_one(store), link.id, {"a", "r", kNow, "", "43", "bob"}, "482193", kNow));
  store.revocations.add(in_one(store), "old access", "old refresh", kNow);
  store.opt_outs.add(in_one(store), kEve, kNow);
  return message;
}

void lose_key(TempStore& temp) {
  temp.close();
  std::filesystem::remove(temp.key());
}

Result<LostWithKey> reset(const TempStore& temp, Reset how) {
  return reset_key(temp.database(), temp.key(), how, kNow);
}

void check_after(TempStore& temp, std::int64_t message) {
  const auto ada = temp->accounts.find(kAda);
  REQUIRE(ada);
  CHECK(ada->state == AccountState::broken);
  CHECK(ada->x_user_id == "42");  // who they were
  CHECK(temp->accounts.count(AccountState::linked) == 0);
  CHECK(temp->accounts.count(AccountState::broken) == 1);
  CHECK(temp->inbox.find(message)->text == "a text");
  CHECK_FALSE(temp->pairings.live(kBob, kNow));
  CHECK_FALSE(temp->pairings.find_by_text_back("482193", kNow));
  CHECK(temp->revocations.count() == 0);
  CHECK_FALSE(temp->opt_outs.contains(kEve));
  // And it goes on.
  temp->accounts.add_credentials(in_one(*temp), kAda, {"new", "", kNow, "", "42", "ada"}, kNow);
  CHECK((*temp->accounts.credentials(kAda))->access_token == "new");
  temp->opt_outs.add(in_one(*temp), kEve, kNow);
  CHECK(temp->opt_outs.contains(kEve));
}

}  // namespace

TEST_CASE("key reset: a look says what is lost and changes nothing") {
  TempStore temp;
  static_cast<void>(fill(*temp));
  const std::string right = *read_file(temp.key());
  lose_key(temp);
  const auto lost = reset(temp, Reset::only_look);
  REQUIRE_MESSAGE(lost.has_value(), lost.error().message);
  CHECK(lost->accounts == 1);
  CHECK(lost->pairings == 1);
  CHECK(lost->revocations == 1);
  CHECK(lost->opt_outs == 1);
  CHECK_FALSE(std::filesystem::exists(temp.key()));
  std::ofstream(temp.key()) << right;
  std::filesystem::permissions(temp.key(), std::filesystem::perms::owner_read);
  temp.reopen();
  CHECK((*temp->accounts.credentials(kAda))->access_token == "access");
}

TEST_CASE("key reset: people are to link again, and what they texted waits for it") {
  for (const bool other_key : {false, true}) {
    CAPTURE(other_key);
    TempStore temp;
    const std::int64_t message = fill(*temp);
    lose_key(temp);
    if (other_key) {
      std::ofstream(temp.key()) << std::string(64, 'A') + "\n";
      std::filesystem::permissions(temp.key(), std::filesystem::perms::owner_read);
    }
    REQUIRE(reset(temp, Reset::done).has_value());
    if (other_key) CHECK(*read_file(temp.key()) == std::string(64, 'A') + "\n");
    temp.reopen();
    check_after(temp, message);
  }
}

TEST_CASE("key reset: not while somebody owns the database, nor where the key is there, nor without one") {
  TempStore temp;
  static_cast<void>(fill(*temp));
  CHECK(reset(temp, Reset::done).error().code == Errc::conflict);
  temp.close();
  CHECK(reset(temp, Reset::only_look).error().code == Errc::unsupported);
  CHECK(reset(temp, Reset::done).error().code == Errc::unsupported);
  temp.reopen();
  CHECK((*temp->accounts.credentials(kAda))->access_token == "access");
  temp.close();
  CHECK(reset_key(temp.database() + ".not", temp.key(), Reset::done, kNow).error().code == Errc::not_found);
  CHECK_FALSE(std::filesystem::exists(temp.database() + ".not"));
}

TEST_CASE("key reset: a file that holds no key is somebody's, and is not overwritten") {
  TempStore temp;
  static_cast<void>(fill(*temp));
  lose_key(temp);
  std::ofstream(temp.key()) << "my notes\n";
  std::filesystem::permissions(temp.key(), std::filesystem::perms::owner_read);
  const auto done = reset(temp, Reset::done);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().message.find("move the file away") != std::string::npos);
  CHECK(*read_file(temp.key()) == "my notes\n");
}

TEST_CASE("key reset: killed at any step, it can be done again") {
  int step = 1;
  for (bool killed = true; killed; ++step) {
    CAPTURE(step);
    TempStore temp;
    const std::int64_t message = fill(*temp);
    lose_key(temp);
    killed = test::killed_before(step, [&] {
      if (!reset(temp, Reset::done)) ::_exit(1);
    });
    const auto again = reset(temp, Reset::done);
    CHECK((again.has_value() || again.error().code == Errc::unsupported));  // it was done
    temp.reopen();
    check_after(temp, message);
  }
  CHECK(step >= 4);
}
