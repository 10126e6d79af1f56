// The quarantine once more: what an earlier version could not read is read, and nothing is taken twice.
#include <doctest/doctest.h>

#include "tests/transport/intake_desk.h"

using namespace pigeon;
using store::PartReason;
using store::PartState;
using test::kToday;
using test::stored;
using Desk = test::IntakeDesk;
using Retried = transport::Intake::Retried;

namespace {

// As a version left it that could not decode this: known by its octets alone.
std::int64_t kept(Desk& desk, const modem::StoredMessage& message, const std::string& modem = "main") {
  store::NewPart part;
  part.slot = {modem, message.slot.storage, message.slot.index};
  part.pdu = message.pdu;
  part.sent_at = part.received_at = desk.now;
  part.state = PartState::quarantined;
  part.reason = PartReason::undecodable;
  return desk.store->parts.add(in_one(*desk.store), part);
}

Retried retry(Desk& desk, std::int64_t id, transport::Intake::Taken* all = nullptr) {
  transport::Intake::Taken taken;
  const auto retried = desk.intake.retry(id, desk.now, taken);
  REQUIRE(retried.has_value());
  CHECK(taken.messages == (*retried == Retried::taken ? 1 : 0));
  CHECK(taken.replies == 0);
  if (all != nullptr) *all = taken;
  return *retried;
}

// A text whose alphabet cannot be read, and never will be.
std::vector<std::uint8_t> half_a_unit() {
  modem::Deliver deliver;
  deliver.sender = *modem::Address::from_number(test::kAda);
  deliver.timestamp.utc = kToday;
  deliver.user_data.dcs = 0x08;
  deliver.user_data.data = {0x41};
  return *modem::encode_pdu({"", deliver});
}

}  // namespace

TEST_CASE("retry: what can be read now is taken, once") {
  Desk desk;
  const std::int64_t id = kept(desk, stored("hello", 3).front());
  CHECK(retry(desk, id) == Retried::taken);
  CHECK(desk.text(1) == "hello");
  CHECK(desk.store->parts.count(PartState::quarantined) == 0);
  CHECK(retry(desk, id) == Retried::not_there);
  CHECK(desk.take(stored("hello", 3)) == 0);  // the network says it again
  CHECK(desk.take(stored("hello", 7)) == 0);
  CHECK(desk.received() == 1);
}

TEST_CASE("retry: what has come again meanwhile and was taken is not taken twice") {
  Desk desk;
  const std::int64_t id = kept(desk, stored("hello", 3).front());
  CHECK(desk.take(stored("hello", 4)) == 1);
  CHECK(retry(desk, id) == Retried::taken_since);
  CHECK(desk.received() == 1);
  CHECK(desk.store->parts.count(PartState::quarantined) == 1);  // for the operator to drop
}

TEST_CASE("retry: what still cannot be read stays, and nobody is told a second time") {
  Desk desk;
  CHECK(desk.take({modem::StoredMessage{{"SM", 1}, {0x00, 0x04, 0x0B, 0x91}}}) == 0);
  CHECK(desk.take({modem::StoredMessage{{"SM", 2}, half_a_unit()}}) == 0);
  CHECK(desk.owed() == 1);
  CHECK(retry(desk, 1) == Retried::still_kept);
  CHECK(retry(desk, 2) == Retried::still_kept);
  CHECK(desk.store->parts.count(PartState::quarantined) == 2);
  CHECK(desk.owed() == 1);
  CHECK(desk.received() == 0);
}

TEST_CASE("retry: the parts of a long text are one text again, wherever each of them lies") {
  std::string text;
  while (text.size() < 400) text += "All the words of a long text. ";
  const auto parts = stored(text, 1, kToday, 9);
  REQUIRE(parts.size() == 3);
  Desk desk;
  CHECK(desk.take({parts[1]}) == 0);  // waits
  const std::int64_t first = kept(desk, parts[0]);
  const std::int64_t last = kept(desk, parts[2]);
  CHECK(retry(desk, first) == Retried::waiting);
  desk.restart();
  CHECK(retry(desk, last) == Retried::taken);
  CHECK(desk.text(1) == text);
  CHECK(desk.store->parts.count(PartState::waiting) == 0);
  CHECK(desk.take(parts) == 0);
}

TEST_CASE("retry: all parts that were put away together come back together") {
  std::string text;
  while (text.size() < 400) text += "All the words of a long text. ";
  const auto parts = stored(text, 1, kToday, 9);
  Desk desk;
  // Decoded when they came, and unreadable only as a whole.
  std::int64_t id = 0;
  for (const modem::StoredMessage& part : parts) CHECK(desk.take({part}) == (&part == &parts.back() ? 1 : 0));
  for (id = 1; id <= 3; ++id)
    desk.store->parts.move(in_one(*desk.store), id, PartState::quarantined, PartReason::unreadable, "");
  CHECK(retry(desk, 2) == Retried::taken);
  CHECK(desk.text(2) == text);
  CHECK(desk.store->parts.count(PartState::quarantined) == 0);
}

TEST_CASE("retry: the rules of today hold: too old is not posted, and without a clock nobody can tell") {
  Desk desk;
  const std::int64_t id = kept(desk, stored("hello", 3).front());
  desk.now += std::chrono::days(4);
  desk.settings.built_at = desk.now + seconds(1);
  transport::Intake::Taken taken;
  const auto unclear = desk.intake.retry(id, desk.now, taken);
  REQUIRE_FALSE(unclear.has_value());
  CHECK(unclear.error().code == Errc::busy);
  desk.settings.built_at = {};
  CHECK(retry(desk, id) == Retried::ignored);
  CHECK(desk.store->parts.count(PartReason::too_old) == 1);
  CHECK(desk.received() == 0);
}

TEST_CASE("retry: of a dropped part nothing is kept but that it was dropped") {
  Desk desk;
  const std::int64_t id = kept(desk, stored("hello", 3).front());
  CHECK(desk.store->parts.drop(in_one(*desk.store), id));
  CHECK_FALSE(desk.store->parts.drop(in_one(*desk.store), id));
  CHECK(desk.store->parts.count(PartState::quarantined) == 0);
  CHECK(desk.store->parts.pdu(id).empty());
  CHECK(retry(desk, id) == Retried::not_there);
}
