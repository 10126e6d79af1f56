// Long texts: which parts the intake joins, which it keeps apart, and what becomes of those that are left.
#include <doctest/doctest.h>

#include <utility>

#include "tests/transport/intake_desk.h"

using namespace pigeon;
using namespace std::chrono_literals;
using store::PartReason;
using store::PartState;
using test::kToday;
using Desk = test::IntakeDesk;

namespace {

std::string long_text(std::string_view words) {
  std::string text;
  while (text.size() < 200) text.append(words).append(" ");
  return text;
}

// Two parts; `sent_at` of nothing is a service centre without a clock.
std::vector<modem::StoredMessage> two_parts(std::string_view words, int first_slot,
                                            std::chrono::sys_seconds sent_at = kToday,
                                            std::uint8_t reference = 1) {
  auto parts = test::stored(long_text(words), first_slot, sent_at, reference);
  REQUIRE(parts.size() == 2);
  return parts;
}

constexpr std::chrono::sys_seconds kNoTime{};

std::string reason_of(Desk& desk, std::int64_t part) {
  const auto kept = desk.store->parts.kept(part);
  return kept ? kept->reason : "not kept";
}

}  // namespace

TEST_CASE("joining: a reference that comes again after twenty minutes does not mix two texts") {
  Desk desk;
  const auto first = two_parts("The first of the two texts.", 1);
  const auto second = two_parts("And this is the other one.", 3, kToday + 20min);
  CHECK(desk.take({first[0]}) == 0);
  desk.now += 20min;
  CHECK(desk.take({second[0]}) == 0);
  desk.restart();
  CHECK(desk.take({second[1]}) == 1);
  CHECK(desk.text(1) == long_text("And this is the other one."));
  desk.now += 5h;  // the network was in no hurry
  CHECK(desk.take({first[1]}) == 1);
  CHECK(desk.text(2) == long_text("The first of the two texts."));
  CHECK(desk.store->parts.count(PartState::waiting) == 0);
}

TEST_CASE("joining: what was sent more than half an hour apart is not one text") {
  Desk desk;
  CHECK(desk.take({two_parts("Words of a morning.", 1)[0]}) == 0);
  CHECK(desk.take({two_parts("Words of a morning.", 1, kToday + 30min + 1s)[1]}) == 0);
  CHECK(desk.store->parts.count(PartState::waiting) == 2);
}

TEST_CASE("joining: without a time the arrival counts, also over a restart") {
  Desk desk;
  const auto parts = two_parts("Nobody knows when.", 1, kNoTime);
  CHECK(desk.take({parts[0]}) == 0);
  desk.restart();
  desk.now += 30min;
  CHECK(desk.take({parts[1]}) == 1);

  const auto others = two_parts("Nor when this was.", 3, kNoTime);
  CHECK(desk.take({others[0]}) == 0);
  desk.now += 31min;
  CHECK(desk.take({others[1]}) == 0);
}

TEST_CASE("joining: a clock that is set between two parts without a time keeps them together") {
  Desk desk;
  desk.clock.set(UtcTime(std::chrono::hours(1)));  // 1970
  const auto parts = two_parts("The clock of this box is new.", 1, kNoTime);
  desk.now = desk.store->time.now();
  CHECK(desk.take({parts[0]}) == 0);
  desk.clock.set(kToday);
  desk.now = desk.store->time.now();
  CHECK(desk.take({parts[1]}) == 1);
}

TEST_CASE("joining: the same parts delivered again are not a second text") {
  struct Row {
    const char* name;
    std::chrono::sys_seconds sent_at;
  };
  for (const Row& row : {Row{"with a time", kToday}, Row{"without one", kNoTime}}) {
    CAPTURE(row.name);
    Desk desk;
    CHECK(desk.take(two_parts("Once is enough.", 1, row.sent_at)) == 1);
    desk.restart();
    desk.now += 15min;
    CHECK(desk.take(two_parts("Once is enough.", 5, row.sent_at)) == 0);
    CHECK(desk.received() == 1);
    CHECK(desk.store->parts.count(PartState::waiting) == 0);
  }
}

TEST_CASE("joining: a part that the phone has sent twice stays nowhere") {
  Desk desk;
  const auto parts = two_parts("What was that?", 1);
  CHECK(desk.take({parts[0], two_parts("What was that?", 7, kToday + 4s)[0], parts[1]}) == 1);
  CHECK(desk.text(1) == long_text("What was that?"));
  CHECK(desk.store->parts.count(PartState::waiting) == 0);
  CHECK(reason_of(desk, 2) == "a copy of what was taken");
}

TEST_CASE("joining: a part that was sent again after its text was joined makes no other text whole") {
  Desk desk;
  const auto first = two_parts("What was that?", 1);
  CHECK(desk.take(first) == 1);
  desk.now += 1min;
  CHECK(desk.take({two_parts("What was that?", 7, kToday + 1min)[1]}) == 0);  // its time is another one
  const auto second = two_parts("And this is the other one.", 3, kToday + 5min);
  desk.now += 5min;
  CHECK(desk.take({second[0]}) == 0);
  CHECK(desk.take({second[1]}) == 1);
  CHECK(desk.text(2) == long_text("And this is the other one."));
  // All of a text sent once more is a text.
  CHECK(desk.take(two_parts("And this is the other one.", 9, kToday + 10min)) == 1);
}

// References come round, and there are phones that use one for all.
TEST_CASE("joining: a second text of the same reference that ends like the first is joined") {
  const auto ends_alike = [](std::string_view words, int slot, std::chrono::sys_seconds sent_at) {
    auto parts = test::stored(std::string(words) + std::string(200, 'x'), slot, sent_at);
    REQUIRE(parts.size() == 2);
    return parts;
  };
  for (const bool last_first : {false, true}) {
    CAPTURE(last_first);
    Desk desk;
    CHECK(desk.take(ends_alike("one ", 1, kToday)) == 1);
    auto second = ends_alike("two ", 3, kToday + 5min);
    if (last_first) std::swap(second[0], second[1]);
    desk.now += 5min;
    CHECK(desk.take({second[0]}) == 0);
    CHECK(desk.take({second[1]}) == 1);
    CHECK(desk.text(2) == "two " + std::string(200, 'x'));
    CHECK(desk.store->parts.count(PartState::waiting) == 0);
  }
}

TEST_CASE("joining: 8-bit and 16-bit references of one value are two") {
  Desk desk;
  auto part = [slot = 0](std::uint8_t number, bool wide, char letter) mutable {
    modem::Deliver deliver;
    deliver.sender = *modem::Address::from_number(test::kAda);
    deliver.timestamp.utc = kToday;
    deliver.user_data.header.emplace();
    deliver.user_data.header->concatenation = modem::Concatenation{1, wide, 2, number};
    deliver.user_data.data = {static_cast<std::uint8_t>(letter)};
    return modem::StoredMessage{{"SM", ++slot}, *modem::encode_pdu({"", deliver})};
  };
  CHECK(desk.take({part(1, false, 'n')}) == 0);
  CHECK(desk.take({part(2, true, 'W')}) == 0);
  CHECK(desk.take({part(1, true, 'w')}) == 1);
  CHECK(desk.text(1) == "wW");
  CHECK(desk.take({part(2, false, 'N')}) == 1);
  CHECK(desk.text(2) == "nN");
}

TEST_CASE("joining: the parts of one text may come by two modems, and it is one text") {
  Desk desk;
  transport::Intake spare{"spare", desk.settings, *desk.store};
  const auto parts = two_parts("Half of it here, half of it there.", 1);
  CHECK(desk.take({parts[0]}) == 0);
  CHECK(spare.take({&parts[1], 1}, desk.now).messages == 1);
  CHECK(desk.take({parts[1]}) == 0);
  CHECK(spare.take({&parts[0], 1}, desk.now).messages == 0);
  CHECK(desk.received() == 1);
}

TEST_CASE("joining: two texts of one reference to two modems are not mixed") {
  Desk desk;
  transport::Intake spare{"spare", desk.settings, *desk.store};
  const auto here = two_parts("This goes to one number.", 1);
  const auto there = two_parts("And that goes to another.", 1, kToday + 2s);
  CHECK(desk.take({here[0]}) == 0);
  CHECK(spare.take({&there[0], 1}, desk.now).messages == 0);
  CHECK(spare.take({&there[1], 1}, desk.now).messages == 1);
  CHECK(desk.text(1) == long_text("And that goes to another."));
  CHECK(desk.take({here[1]}) == 1);
  CHECK(desk.text(2) == long_text("This goes to one number."));
}

TEST_CASE("joining: a part of what was given up goes to the others, and nobody is told again") {
  Desk desk;
  const auto parts = two_parts("Half of this was late.", 1);
  CHECK(desk.take({parts[0]}) == 0);
  desk.store->parts.move(in_one(*desk.store), 1, PartState::quarantined, PartReason::incomplete, "");
  desk.now += 25h;
  const auto taken = desk.intake.take({&parts[1], 1}, desk.now);
  CHECK(taken.messages == 0);
  CHECK(taken.replies == 0);
  CHECK(desk.store->parts.count(PartState::waiting) == 0);
  CHECK(desk.store->parts.count(PartState::quarantined) == 2);
  // A new text with this reference waits for its own parts.
  CHECK(desk.take({two_parts("Something else.", 5, kToday + 26h)[0]}) == 0);
  CHECK(desk.store->parts.count(PartState::waiting) == 1);
}

TEST_CASE("joining: what was given up is joined when the operator asks, and else waits in silence") {
  Desk desk;
  transport::Intake::Taken taken;
  const auto parts = two_parts("Half of this was late.", 1);
  CHECK(desk.take({parts[0]}) == 0);
  desk.store->parts.move(in_one(*desk.store), 1, PartState::quarantined, PartReason::incomplete, "");
  CHECK(desk.intake.retry(1, desk.now, taken) == transport::Intake::Retried::waiting);
  const auto waiting = desk.store->parts.waiting({test::kAda, 1, false, 2});
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].quiet);
  desk.store->parts.move(in_one(*desk.store), 1, PartState::quarantined, PartReason::incomplete, "");
  CHECK(desk.take({parts[1]}) == 0);
  CHECK(desk.intake.retry(2, desk.now, taken) == transport::Intake::Retried::taken);
  CHECK(desk.text(1) == long_text("Half of this was late."));
  CHECK(desk.store->parts.count(PartState::quarantined) == 0);
}

TEST_CASE("joining: a part of somebody who cannot be answered is marked so") {
  Desk desk;
  auto parts = two_parts("Who is this?", 1);
  auto pdu = *modem::decode_pdu(parts[0].pdu, modem::Direction::to_mobile);
  auto& deliver = std::get<modem::Deliver>(pdu.tpdu);
  deliver.sender = *modem::Address::from_number(desk.settings.gateway_number);
  CHECK(desk.take({{{"SM", 1}, *modem::encode_pdu(pdu)}, two_parts("Ada is known.", 3)[0]}) == 0);
  const auto own = desk.store->parts.waiting({desk.settings.gateway_number, 1, false, 2});
  REQUIRE(own.size() == 1);
  CHECK(own[0].quiet);
  const auto ada = desk.store->parts.waiting({test::kAda, 1, false, 2});
  REQUIRE(ada.size() == 1);
  CHECK_FALSE(ada[0].quiet);
}
