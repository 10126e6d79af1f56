// Who has said STOP is known without his number.
#include "store/opt_outs.h"

#include <doctest/doctest.h>

#include "tests/store/temp_store.h"

using namespace pigeon;
using test::TempStore;

namespace {

const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");
const PhoneNumber kBob = *PhoneNumber::parse("+12025550199");

}  // namespace

TEST_CASE("opt-outs: from STOP to START, over a restart") {
  TempStore temp;
  const UtcTime now = utc_now();
  CHECK_FALSE(temp->opt_outs.contains(kAda));
  temp->opt_outs.add(in_one(*temp), kAda, now);
  temp->opt_outs.add(in_one(*temp), kAda, now + seconds(1));
  temp.reopen();
  CHECK(temp->opt_outs.contains(kAda));
  CHECK_FALSE(temp->opt_outs.contains(kBob));
  temp->opt_outs.remove(in_one(*temp), kAda);
  CHECK_FALSE(temp->opt_outs.contains(kAda));
}

TEST_CASE("opt-outs: help once a day, whatever the clock has been") {
  TempStore temp;
  const UtcTime now = utc_now();
  CHECK_FALSE(temp->opt_outs.help_is_due(in_one(*temp), kAda, now));  // not in the table
  temp->opt_outs.add(in_one(*temp), kAda, now);
  CHECK(temp->opt_outs.help_is_due(in_one(*temp), kAda, now));
  CHECK_FALSE(temp->opt_outs.help_is_due(in_one(*temp), kAda, now + std::chrono::hours(23)));
  CHECK(temp->opt_outs.help_is_due(in_one(*temp), kAda, now + std::chrono::hours(24)));
  CHECK(temp->opt_outs.help_is_due(in_one(*temp), kAda, now));  // it was in the future
}

TEST_CASE("opt-outs: the table has 32 octets that only this box's key makes of the number") {
  TempStore temp;
  TempStore other;
  const auto digest = [](TempStore& store) {
    store->opt_outs.add(in_one(*store), kAda, utc_now());
    store::Database observer(store.database());
    store::Statement read(observer, "SELECT digest FROM opt_outs");
    store::Query row = read.bind();
    REQUIRE(row.next());
    return row.blob(0);
  };
  const auto here = digest(temp);
  CHECK(here.size() == 32);
  CHECK(here != digest(other));
  CHECK(here != sha256(kAda.e164()));
}
