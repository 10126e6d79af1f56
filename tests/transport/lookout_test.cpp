// Modems that announce nothing: when they are asked for a count, when for a list, and what is found that way.
#include "transport/lookout.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>

#include "tests/transport/modem_desk.h"

using namespace pigeon;
using sim::Intervention;
using test::eventually;
using transport::Lookout;
using transport::ModemTransport;
using transport::TransportTiming;

namespace {

const std::string kAda = "+12025550123";

Intervention refuse_indications(std::string_view line) {
  if (line.starts_with("AT+CNMI=") && line != "AT+CNMI=?")
    return {Intervention::Kind::answer, "\r\nERROR\r\n"};
  return {};
}

// The modem makes no indications, whatever it says of that; its thread has started.
struct Desk : test::ModemDesk {
  Desk(const TransportTiming& timing, sim::ModemHabits habits, bool admits_it) : ModemDesk(timing) {
    habits.announces = false;
    sim.set_habits(habits);
    if (admits_it) on_command(refuse_indications);
    transport->start();
  }

  [[nodiscard]] bool receives(std::int64_t count) {
    if (!carrier.text(kAda, "nobody announced this " + std::to_string(count))) return false;
    return eventually([&] { return store->inbox.count_open() == count; });
  }
};

const TransportTiming kQuick{.count_every = milliseconds(20)};

}  // namespace

TEST_CASE("lookout: more than is known is reason to list and so is time") {
  const SteadyTime now = steady_now();
  Lookout lookout({seconds(7), seconds(60), seconds(5)});
  lookout.listed(2, now);
  CHECK(lookout.next_count() == now + seconds(7));
  CHECK_FALSE(lookout.counted(2, now + seconds(7)));
  CHECK(lookout.next_count() == now + seconds(14));
  CHECK(lookout.counted(3, now + seconds(14)));
  CHECK(lookout.counted(std::nullopt, now + seconds(14)));
  CHECK_FALSE(lookout.counted(0, now + seconds(59)));
  CHECK(lookout.counted(0, now + seconds(60)));
  lookout.freed();
  CHECK(lookout.counted(2, now + seconds(14)));
  CHECK_FALSE(lookout.counted(1, now + seconds(14)));
}

TEST_CASE(
    "lookout: what could not be read is looked for ever more rarely, and soon again when all was read") {
  const SteadyTime now = steady_now();
  Lookout lookout({seconds(7), seconds(60), seconds(5)});
  CHECK(lookout.next_doubt() == SteadyTime::max());
  const auto doubt = [&] {
    lookout.doubted(now);
    return lookout.next_doubt() - now;
  };
  for (const int after : {5, 10, 20, 40}) CHECK(doubt() == seconds(after));
  lookout.all_read();
  CHECK(lookout.next_doubt() == SteadyTime::max());
  CHECK(doubt() == seconds(5));
  for (int i = 0; i < 100; ++i) static_cast<void>(doubt());
  CHECK(doubt() > std::chrono::hours(24));
}

TEST_CASE("lookout: it is for modems that announce nothing - by their word or by what they do") {
  Lookout lookout({seconds(7), seconds(60), seconds(5)});
  CHECK(lookout.is_needed(false));
  CHECK_FALSE(lookout.is_needed(true));
  lookout.missed();
  CHECK(lookout.is_needed(true));
  lookout.announced();
  CHECK_FALSE(lookout.is_needed(true));
  lookout.missed();
  lookout.start();
  CHECK_FALSE(lookout.is_needed(true));
}

TEST_CASE("lookout: a modem that refuses every form of indication is counted and then listed") {
  Desk desk(kQuick, {}, true);
  for (int i = 1; i <= 3; ++i) REQUIRE(desk.receives(i));
  CHECK(eventually([&] { return desk.sim.messages_stored() == 0; }));
  const std::size_t before = desk.count("AT+CPMS?");
  CHECK(eventually([&] { return desk.count("AT+CPMS?") > before + 3; }));
}

TEST_CASE("lookout: a count that lies does not hide a text for long") {
  TransportTiming timing = kQuick;
  timing.list_every = milliseconds(100);
  sim::ModemHabits habits;
  habits.used = 0;
  Desk desk(timing, habits, true);
  for (int i = 1; i <= 2; ++i) REQUIRE(desk.receives(i));
}

TEST_CASE("lookout: a modem whose indication did not come is counted until one comes") {
  TransportTiming timing = kQuick;
  timing.scan_every = seconds(1);
  Desk desk(timing, {}, false);
  REQUIRE(eventually([&] {
    return desk.count("AT+CMGL=4") >= 2;
  }));  // ME and SM: the first listing, which announces nothing
  REQUIRE(desk.receives(1));
  const std::size_t before = desk.count("AT+CPMS?");
  CHECK(eventually([&] { return desk.count("AT+CPMS?") > before + 3; }));
  desk.sim.set_habits({});
  // An indication ends it: at most one more count was under way.
  CHECK(eventually([&] {
    static_cast<void>(desk.carrier.text(kAda, "this one is announced"));
    const std::size_t then = desk.count("AT+CPMS?");
    return !eventually([&] { return desk.count("AT+CPMS?") > then + 1; }, milliseconds(300));
  }));
}

// A bare ERROR is how some firmware says that a slot is empty, and how another refuses anything.
TEST_CASE("lookout: an announced slot that is refused is listed soon, not with the next timed listing") {
  std::atomic<bool> is_refused{false};
  test::ModemDesk desk({.count_every = milliseconds(20), .doubt_after = milliseconds(50)});
  desk.on_command([&](std::string_view line) {
    if (line.starts_with("AT+CMGR=") && !is_refused.exchange(true))
      return Intervention{Intervention::Kind::answer, "\r\nERROR\r\n"};
    return Intervention{};
  });
  desk.transport->start();
  REQUIRE(desk.is_up());
  REQUIRE(desk.carrier.text(kAda, "refused once").has_value());
  CHECK(desk.received(1));
  CHECK(is_refused);
  // It was announced, so the modem is none that must be counted.
  const std::size_t counts = desk.count("AT+CPMS?");
  CHECK_FALSE(eventually([&] { return desk.count("AT+CPMS?") > counts + 1; }, milliseconds(300)));
}

TEST_CASE("lookout: a slot that cannot be read for a while is read when it can be") {
  sim::ModemHabits habits;
  habits.bad_slot = 1;
  test::ModemDesk desk({.doubt_after = milliseconds(20)});
  desk.sim.set_habits(habits);
  REQUIRE(desk.carrier.text(kAda, "comes to light").has_value());
  desk.transport->start();
  const std::size_t before = desk.count("AT+CMGL=4");
  REQUIRE(eventually([&] { return desk.count("AT+CMGL=4") > before + 4; }));
  CHECK(desk.store->inbox.count_open() == 0);
  desk.sim.set_habits({});
  CHECK(desk.received(1));
}

TEST_CASE("lookout: a slot that can never be read does not hide that nothing is announced") {
  TransportTiming timing = kQuick;
  timing.scan_every = milliseconds(200);
  timing.doubt_after = milliseconds(150);
  sim::ModemHabits habits;
  habits.bad_slot = 1;
  Desk desk(timing, habits, false);
  REQUIRE(desk.carrier.text(kAda, "lies in the bad slot").has_value());
  REQUIRE(desk.carrier.text(kAda, "nobody announced this").has_value());
  REQUIRE(desk.received(1));
  REQUIRE(desk.carrier.text(kAda, "nor this").has_value());
  REQUIRE(desk.received(2));
  const std::size_t before = desk.count("AT+CPMS?");
  CHECK(eventually([&] { return desk.count("AT+CPMS?") > before + 3; }));
}
