// What a person who said STOP has left loses number and words, in batches; other people's rows stay as they
// are.
#include "store/erasure.h"

#include <doctest/doctest.h>

#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using test::TempStore;

namespace {

const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");
constexpr const char* kBob = "+12025550199";

std::int64_t closed_text(Store& store, const std::string& phone, const std::string& words) {
  auto transaction = store.begin();
  const auto id = store.inbox.add(transaction, {"main", phone, phone, words, utc_now(), utc_now()});
  store.inbox.close(transaction, id, Ending::answered, "");
  transaction.commit();
  return id;
}

Erasure::Progress erase(Store& store, std::int64_t message) {
  Erasure::Progress progress = Erasure::Progress::more;
  for (int i = 0; i < 20 && progress == Erasure::Progress::more; ++i)
    progress = store.erasure.erase(in_one(store), kAda, message);
  return progress;
}

}  // namespace

TEST_CASE("erasure: only this person's texts, and none that came later") {
  TempStore temp;
  const auto mine = closed_text(*temp, kAda.e164(), "mine");
  const auto other = closed_text(*temp, kBob, "another's");
  const auto later = closed_text(*temp, kAda.e164(), "later");
  CHECK(erase(*temp, mine) == Erasure::Progress::over);
  CHECK(temp->inbox.find(mine)->text.empty());
  CHECK(temp->inbox.find(mine)->phone.empty());
  CHECK(temp->inbox.find(mine)->sender.empty());
  CHECK(temp->inbox.find(other)->text == "another's");
  CHECK(temp->inbox.find(later)->text == "later");
}

TEST_CASE("erasure: what is under way is waited for") {
  TempStore temp;
  const auto open =
      temp->inbox.add(in_one(*temp), {"main", kAda.e164(), kAda.e164(), "open", utc_now(), utc_now()});
  const auto post = temp->posts.plan(in_one(*temp), open, 1, kAda.e164(), "open");
  CHECK(erase(*temp, open) == Erasure::Progress::waits);
  CHECK(temp->inbox.find(open)->text == "open");
  temp->inbox.close(in_one(*temp), open, Ending::posted, "");
  CHECK(erase(*temp, open) == Erasure::Progress::waits);  // for the post
  temp->posts.end(in_one(*temp), post, PostState::posted, "x1", utc_now());
  const auto reply = temp->outbox.add(in_one(*temp), {kAda.e164(), "Posted: open", "main", open}, utc_now());
  CHECK(erase(*temp, open) == Erasure::Progress::waits);  // for the reply
  temp->outbox.sent(in_one(*temp), reply, utc_now());
  CHECK(erase(*temp, open) == Erasure::Progress::over);
  CHECK(temp->posts.find(post)->text.empty());
  CHECK(temp->posts.holds("x1"));  // what is needed not to post twice
}

TEST_CASE("erasure: more rows than a batch has") {
  TempStore temp;
  std::int64_t last = 0;
  for (int i = 0; i < Erasure::kMostRead + 50; ++i)
    last = closed_text(*temp, i % 2 == 0 ? kAda.e164() : kBob, "w");
  CHECK(erase(*temp, last) == Erasure::Progress::over);
  Database observer(temp.database());
  Statement read(observer, "SELECT count(*) FROM inbox WHERE text <> ''");
  Query row = read.bind();
  REQUIRE(row.next());
  CHECK(row.integer(0) == (Erasure::kMostRead + 50) / 2);
}
