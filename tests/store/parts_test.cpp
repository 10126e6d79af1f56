// The raw PDUs: what is kept of them, and how many there are of each kind.
#include "store/parts.h"

#include <doctest/doctest.h>

#include "tests/store/temp_store.h"

using namespace pigeon;
using store::NewPart;
using store::PartReason;
using store::PartState;
using test::TempStore;

namespace {

NewPart part_of(const char* modem, std::uint8_t octet, PartState state,
                PartReason reason = PartReason::none) {
  NewPart part;
  part.slot = {modem, "SM", octet};
  part.pdu = {octet};
  part.sender = "+12025550123";
  part.state = state;
  part.reason = reason;
  return part;
}

}  // namespace

TEST_CASE("parts: what waits for a clock is found by its modem, in the order in which it was taken") {
  TempStore temp;
  const auto first = temp->parts.add(in_one(*temp), part_of("main", 3, PartState::held));
  static_cast<void>(temp->parts.add(in_one(*temp), part_of("other", 1, PartState::held)));
  const auto second = temp->parts.add(in_one(*temp), part_of("main", 2, PartState::held));
  temp.reopen();
  CHECK(temp->parts.held("main") == std::vector{first, second});
  CHECK(temp->parts.waiting({"+12025550123", 1, false, 2}).empty());
  temp->parts.move(in_one(*temp), first, PartState::ignored, PartReason::too_old, "");
  CHECK(temp->parts.held("main") == std::vector{second});
  CHECK(temp->parts.pdu(first) == std::vector<std::uint8_t>{3});
}

TEST_CASE("parts: counted by their state and by the reason for it") {
  TempStore temp;
  const auto held = temp->parts.add(in_one(*temp), part_of("main", 1, PartState::held));
  static_cast<void>(
      temp->parts.add(in_one(*temp), part_of("main", 2, PartState::ignored, PartReason::too_old)));
  static_cast<void>(
      temp->parts.add(in_one(*temp), part_of("main", 3, PartState::ignored, PartReason::message_waiting)));
  CHECK(temp->parts.count(PartState::ignored) == 2);
  CHECK(temp->parts.count(PartReason::too_old) == 1);
  temp->parts.move(in_one(*temp), held, PartState::ignored, PartReason::too_old, "");
  CHECK(temp->parts.count(PartReason::too_old) == 2);
  CHECK(temp->parts.count(PartReason::sim_download) == 0);
}
