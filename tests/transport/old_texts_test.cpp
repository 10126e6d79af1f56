// Texts that lay somewhere for too long, and a box that does not know what time it is.
#include <doctest/doctest.h>

#include "tests/transport/intake_desk.h"

using namespace pigeon;
using std::chrono::days;
using store::PartReason;
using store::PartState;
using test::Arrival;
using test::kToday;
using test::stored;

namespace {

constexpr UtcTime kNoClock = std::chrono::sys_days(std::chrono::year(1970) / 1 / 1) + seconds(40);

struct Desk : test::IntakeDesk {
  Desk() { settings.built_at = kToday - days(100); }
};

// Five days old, two days old and of now, in one listing.
std::vector<modem::StoredMessage> backlog() {
  auto messages = stored("old", 1, kToday - days(5));
  messages.push_back(stored("news", 2, kToday - days(2))[0]);
  messages.push_back(stored("newest", 3, kToday)[0]);
  return messages;
}

}  // namespace

TEST_CASE("old texts: kept, neither posted nor answered, and counted") {
  Desk desk;
  CHECK(desk.take(stored("old", 1, kToday - days(3) - seconds(1))) == 0);
  CHECK(desk.take(stored("news", 2, kToday - days(3))) == 1);
  CHECK(desk.owed() == 0);
  CHECK(desk.store->parts.count(PartReason::too_old) == 1);
  CHECK(desk.store->parts.pdu(1) == stored("old", 1, kToday - days(3) - seconds(1))[0].pdu);
  desk.settings.oldest = std::chrono::hours(1);
  CHECK(desk.take(stored("news", 3, kToday - std::chrono::hours(2))) == 0);
  CHECK(desk.store->parts.count(PartReason::too_old) == 2);
}

TEST_CASE("old texts: without a clock the backlog waits, and what comes now does not") {
  Desk desk;
  desk.now = kNoClock;
  CHECK(desk.take(backlog(), Arrival::found_at_start) == 0);
  CHECK(desk.store->parts.count(PartState::held) == 3);
  CHECK(desk.take(stored("live", 4, kToday + seconds(1))) == 1);
  CHECK(desk.take(stored("not announced", 5, kToday + seconds(2)), Arrival::listed) == 1);
  CHECK(desk.intake.release(desk.now).messages == 0);
  CHECK(desk.store->parts.count(PartState::held) == 3);

  SUBCASE("the clock is set while it runs") {}
  SUBCASE("the clock is right at the next start") {
    desk.restart();
  }
  desk.clock.step(kToday + seconds(60) - desk.now);
  static_cast<void>(desk.store->time.now());
  desk.now = kToday + seconds(60);
  CHECK(desk.intake.release(desk.now).messages == 2);
  CHECK(desk.text(3) == "news");
  CHECK(desk.text(4) == "newest");
  CHECK(desk.store->parts.count(PartState::held) == 0);
  CHECK(desk.store->parts.count(PartReason::too_old) == 1);
  CHECK(desk.intake.release(desk.now).messages == 0);
  CHECK(desk.take(backlog(), Arrival::listed) == 0);  // still in their slots
  CHECK(desk.received() == 4);
}

TEST_CASE("old texts: a backlog that a right clock sees is judged at once") {
  Desk desk;
  CHECK(desk.take(backlog(), Arrival::found_at_start) == 2);
  CHECK(desk.store->parts.count(PartReason::too_old) == 1);
  CHECK(desk.store->parts.count(PartState::held) == 0);
}

TEST_CASE("old texts: parts that were held are joined, also with those that came later") {
  Desk desk;
  std::string text;
  while (text.size() < 300) text += "All the words of a long text. ";
  const auto parts = stored(text, 1);
  REQUIRE(parts.size() == 2);
  desk.now = kNoClock;
  CHECK(desk.take({parts[0]}, Arrival::found_at_start) == 0);
  CHECK(desk.take({parts[1]}) == 0);
  desk.now = kToday;
  CHECK(desk.intake.release(desk.now).messages == 1);
  CHECK(desk.text(1) == text);
}

TEST_CASE("old texts: without a clock nobody is told about what may be months old") {
  Desk desk;
  desk.now = kNoClock;
  const auto cut_off = test::in_slot(1, "00040B912120550500F1000862111221000000440068");  // 21 November
  const auto voicemail = test::in_slot(2, "00040B912120559599F900C86211022100000000");
  CHECK(desk.take(cut_off, Arrival::found_at_start) == 0);
  CHECK(desk.take(voicemail, Arrival::found_at_start) == 0);
  CHECK(desk.owed() == 0);
  CHECK(desk.store->parts.count(PartState::held) == 1);
  CHECK(desk.store->parts.count(PartState::ignored) == 1);
  SUBCASE("it is of today") {
    CHECK(desk.intake.release(kToday).replies == 1);
    CHECK(desk.owed() == 1);
  }
  SUBCASE("it is of last month") {
    CHECK(desk.intake.release(kToday + days(30)).replies == 0);
    CHECK(desk.owed() == 0);
  }
  CHECK(desk.store->parts.count(PartState::quarantined) == 1);
}
