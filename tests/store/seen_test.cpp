// What makes a text known: its digest until it expires, and the slot that it was not seen to leave.
#include "store/seen.h"

#include <doctest/doctest.h>

#include "tests/store/temp_store.h"

using namespace pigeon;
using store::Seen;
using store::SlotKey;
using test::TempStore;

namespace {

const std::vector<std::uint8_t> kText{1, 2, 3};
const SlotKey kOne{"main", "SM", 1};
const SlotKey kTwo{"main", "SM", 2};
const UtcTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20);

}  // namespace

TEST_CASE("seen: a text is known in every slot of every modem until its time runs out") {
  TempStore temp;
  const auto digest = temp->seen.digest(kText);
  CHECK_FALSE(temp->seen.known(digest, kOne, kNow));
  temp->seen.add(in_one(*temp), digest, kOne, kNow + seconds(600));
  temp.reopen();
  for (const SlotKey& slot : {kOne, kTwo, SlotKey{"main", "ME", 1}, SlotKey{"other", "SM", 1}}) {
    CHECK(temp->seen.known(digest, slot, kNow + seconds(599)));
  }
  CHECK_FALSE(temp->seen.known(digest, kTwo, kNow + seconds(600)));
  CHECK_FALSE(temp->seen.known(temp->seen.digest(std::vector<std::uint8_t>{1, 2}), kOne, kNow));
}

TEST_CASE("seen: what was not seen to leave its slot stays known there, however long it takes") {
  TempStore temp;
  const auto digest = temp->seen.digest(kText);
  const UtcTime later = kNow + std::chrono::days(400);
  const std::vector<SlotKey> both{kOne, kTwo};
  temp->seen.add(in_one(*temp), digest, kOne, kNow + seconds(600));
  temp->seen.lies_in(in_one(*temp), digest, kTwo);  // a copy
  temp->seen.purge(in_one(*temp), later);
  temp->seen.only_occupied(in_one(*temp), "main", both);
  CHECK(temp->seen.known(digest, kOne, later));
  CHECK(temp->seen.known(digest, kTwo, later));
  CHECK_FALSE(temp->seen.known(digest, SlotKey{"other", "SM", 1}, later));

  SUBCASE("a listing shows one of them empty") {
    temp->seen.only_occupied(in_one(*temp), "other", std::vector<SlotKey>{});  // another modem's slots
    CHECK(temp->seen.known(digest, kOne, later));
    temp->seen.only_occupied(in_one(*temp), "main", std::vector{kTwo});
    CHECK_FALSE(temp->seen.known(digest, kOne, later));
    CHECK(temp->seen.known(digest, kTwo, later));
  }
  SUBCASE("the slot holds something else by now") {
    temp->seen.add(in_one(*temp), temp->seen.digest(std::vector<std::uint8_t>{9}), kOne,
                   later + seconds(600));
    CHECK_FALSE(temp->seen.known(digest, kOne, later));
  }
}

TEST_CASE("seen: what came without a slot is known by its time alone") {
  TempStore temp;
  const SlotKey none{"main", "", -1};
  const auto digest = temp->seen.digest(kText);
  temp->seen.add(in_one(*temp), digest, none, kNow + seconds(600));
  CHECK(temp->seen.known(digest, none, kNow));
  CHECK_FALSE(temp->seen.known(digest, none, kNow + seconds(600)));
}

TEST_CASE("seen: only what has expired is purged") {
  TempStore temp;
  const auto digest = temp->seen.digest(kText);
  temp->seen.add(in_one(*temp), digest, kOne, kNow + seconds(600));
  temp->seen.purge(in_one(*temp), kNow + seconds(599));
  CHECK(temp->seen.known(digest, kTwo, kNow));
  temp->seen.purge(in_one(*temp), kNow + seconds(600));
  CHECK_FALSE(temp->seen.known(digest, kTwo, kNow));
}

TEST_CASE("seen: the digest is of this box's key") {
  TempStore here;
  TempStore there;
  CHECK(here->seen.digest(kText).size() == 32);
  CHECK(here->seen.digest(kText) != there->seen.digest(kText));
  const auto before = here->seen.digest(kText);
  here.reopen();
  CHECK(here->seen.digest(kText) == before);
}
