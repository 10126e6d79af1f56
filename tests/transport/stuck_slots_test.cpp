// Slots that do not become empty: how often they are tried, and that they cost nothing else.
#include "transport/stuck_slots.h"

#include <doctest/doctest.h>

using namespace pigeon;
using modem::StoredMessage;
using transport::StuckSlots;

namespace {

const StoredMessage kText{{"SM", 3}, {1, 2, 3}};
const StoredMessage kOther{{"SM", 3}, {4, 5, 6}};
const SteadyTime kStart = SteadyTime(std::chrono::hours(100));

}  // namespace

TEST_CASE("stuck slots: tried ever more rarely, at last once a day") {
  StuckSlots slots;
  CHECK(slots.next_try(kText) <= kStart);
  SteadyTime now = kStart;
  const seconds expected[] = {seconds(2),    seconds(8),    seconds(32),    seconds(128),   seconds(512),
                              seconds(2048), seconds(8192), seconds(32768), seconds(86400), seconds(86400)};
  for (const seconds pause : expected) {
    CHECK(slots.tried(kText, now) == now + pause);
    CHECK(slots.next_try(kText) == now + pause);
    now += pause;
  }
}

TEST_CASE("stuck slots: told once, for what AT+CMGD was tried on") {
  StuckSlots slots;
  CHECK_FALSE(slots.tell(kText));
  slots.tried(kText, kStart);
  CHECK(slots.tell(kText));
  slots.tried(kText, kStart);
  CHECK_FALSE(slots.tell(kText));
  CHECK_FALSE(slots.tell(kOther));
}

TEST_CASE("stuck slots: another text in the slot is none of its business") {
  StuckSlots slots;
  slots.tried(kText, kStart);
  slots.tried(kText, kStart);
  CHECK(slots.knows(kText));
  CHECK_FALSE(slots.knows(kOther));
  CHECK(slots.next_try(kOther) <= kStart);
  CHECK(slots.tried(kOther, kStart) == kStart + seconds(2));
  CHECK_FALSE(slots.knows(kText));
}

TEST_CASE("stuck slots: what a listing does not show is forgotten") {
  StuckSlots slots;
  const StoredMessage elsewhere{{"ME", 3}, {1, 2, 3}};
  slots.tried(kText, kStart);
  slots.tried(elsewhere, kStart);
  const std::vector listed{elsewhere};
  slots.keep_only(listed);
  CHECK_FALSE(slots.knows(kText));
  CHECK(slots.knows(elsewhere));
}
