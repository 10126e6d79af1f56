// Modems that announce nothing: when they are asked for a count, when for a list, and what is found that way.
#include "transport/lookout.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>

#include "sim/modem/sim_modem.h"
#include "sim/network/carrier.h"
#include "tests/eventually.h"
#include "tests/modem/modem_helpers.h"
#include "tests/store/temp_store.h"
#include "transport/modem_transport.h"

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

// A modem and the thread that owns it; the modem makes no indications, whatever it says of that.
struct Desk {
  test::TempStore store;
  sim::SimModem sim;
  sim::Carrier carrier{sim};
  transport::IntakeSettings settings{"+12025550100", "", "It could not be read."};
  store::Wakeups wakeups;
  std::atomic<int> counts{0}, lists{0};
  std::unique_ptr<ModemTransport> transport;

  Desk(const TransportTiming& timing, sim::ModemHabits habits, bool admits_it) {
    modem::ModemOptions options = test::options_for(sim.device());
    wakeups.modems[options.name];
    habits.announces = false;
    sim.set_habits(habits);
    sim.before_command([this, admits_it](std::string_view line) {
      if (line == "AT+CPMS?") ++counts;
      if (line == "AT+CMGL=4") ++lists;
      return admits_it ? refuse_indications(line) : Intervention{};
    });
    transport = std::make_unique<ModemTransport>(std::move(options), settings, *store, wakeups, timing);
    transport->start();
  }
  ~Desk() {
    sim.before_command({});
    transport.reset();
  }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  [[nodiscard]] bool receives(std::int64_t count) {
    if (!carrier.text(kAda, "nobody announced this " + std::to_string(count))) return false;
    return eventually([&] { return store->inbox.count_open() == count; });
  }
};

const TransportTiming kQuick{.count_every = milliseconds(20)};

}  // namespace

TEST_CASE("lookout: more than is known is reason to list and so is time") {
  const SteadyTime now = steady_now();
  Lookout lookout({seconds(7), seconds(60)});
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

TEST_CASE("lookout: it is for modems that announce nothing - by their word or by what they do") {
  Lookout lookout({seconds(7), seconds(60)});
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
  const int before = desk.counts;
  CHECK(eventually([&] { return desk.counts > before + 3; }));
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
  REQUIRE(
      eventually([&] { return desk.lists >= 2; }));  // ME and SM: the first listing, which announces nothing
  REQUIRE(desk.receives(1));
  const int before = desk.counts;
  CHECK(eventually([&] { return desk.counts > before + 3; }));
  desk.sim.set_habits({});
  // An indication ends it: at most one more count was under way.
  CHECK(eventually([&] {
    static_cast<void>(desk.carrier.text(kAda, "this one is announced"));
    const int then = desk.counts;
    return !eventually([&] { return desk.counts > then + 1; }, milliseconds(300));
  }));
}
