// What X could not take now waits its turn, also over a restart, and holds back only its own sender.
#include <doctest/doctest.h>

#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;

TEST_CASE("inbox: a text that was put off is due again when its time comes, before its sender's next") {
  test::TempStore temp;
  const UtcTime now = utc_now();
  const auto first = temp->inbox.add({"main", "+15550001", "+15550001", "one", now, now});
  const auto second = temp->inbox.add({"main", "+15550001", "+15550001", "two", now, now});
  temp->inbox.postpone(first, now + seconds(60), false);
  CHECK(temp->inbox.due(now, 10).empty());
  temp.reopen();
  CHECK(temp->inbox.next_due(now) == now + seconds(60));
  const auto due = temp->inbox.due(now + seconds(60), 10);
  REQUIRE(due.size() == 1);
  CHECK(due[0].id == first);
  CHECK(due[0].state == MessageState::waiting);
  temp->inbox.finish(first, MessageState::refused, "X says no");
  REQUIRE(temp->inbox.due(now + seconds(60), 10).size() == 1);
  CHECK(temp->inbox.due(now + seconds(60), 10)[0].id == second);
}
