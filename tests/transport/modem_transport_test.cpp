// The modem's thread with the simulated modem: texts whose indication was lost, and a modem that hangs.
#include "transport/modem_transport.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>

#include "tests/transport/modem_desk.h"

using namespace pigeon;
using sim::Intervention;
using test::eventually;
using transport::ModemTransport;
using transport::TransportTiming;

namespace {

const std::string kAda = "+12025550123";

using Desk = test::ModemDesk;
using test::swallow_indications;

}  // namespace

TEST_CASE("modem transport: a text without an indication is found by the next scan") {
  Desk desk({.scan_every = milliseconds(50)});
  desk.sim.before_command(swallow_indications);
  REQUIRE(desk.carrier.text(kAda, "there before the start").has_value());
  desk.transport->start();
  REQUIRE(desk.received(1));  // so the first listing is over
  for (int i = 2; i <= 3; ++i) {
    REQUIRE(desk.carrier.text(kAda, "nobody announced this").has_value());
    REQUIRE(desk.received(i));
  }
  CHECK(eventually([&] { return desk.sim.messages_stored() == 0; }));
}

TEST_CASE("modem transport: an announced text needs no scan") {
  Desk desk;
  desk.transport->start();
  REQUIRE(eventually([&] { return !desk.store->modems.list().empty(); }));
  REQUIRE(desk.carrier.text(kAda, "hello").has_value());
  CHECK(desk.received(1));
  CHECK(eventually([&] { return desk.sim.messages_stored() == 0; }));
}

TEST_CASE("modem transport: whoever waits for a modem that hangs is overdue, and not any more after it") {
  std::atomic<bool> hung = false;
  Desk desk({.longest_step = milliseconds(300)});
  desk.sim.before_command([&hung](std::string_view line) {
    if (!line.starts_with("AT+CMGS")) return Intervention{};
    hung = true;
    return Intervention{Intervention::Kind::silence, {}};
  });
  desk.transport->start();
  const auto overdue = [&] { return desk.transport->heartbeat().overdue(steady_now()); };
  REQUIRE(eventually([&] { return !desk.store->modems.list().empty(); }));
  REQUIRE(eventually([&] { return !overdue(); }));
  static_cast<void>(
      desk.store->outbox.add(in_one(*desk.store), {kAda, "never sent", "test", std::nullopt}, utc_now()));
  desk.wakeups.notify_modem("test");
  REQUIRE(eventually([&] { return hung.load(); }));
  CHECK(eventually(overdue));
  desk.sim.unplug();
  CHECK(eventually([&] { return !overdue(); }));
}

TEST_CASE("modem transport: a modem that looks for its network is looked at soon again") {
  Desk desk({.health_every = seconds(20)});
  desk.sim.set_registration(2);
  desk.transport->start();
  REQUIRE(eventually([&] { return desk.store->conditions.list().size() == 1; }));
  CHECK(desk.store->conditions.list()[0].code == store::ConditionCode::no_network);
  const SteadyTime begun = steady_now();
  desk.sim.set_registration(1);
  CHECK(eventually([&] { return desk.store->conditions.list().empty(); }));
  CHECK(steady_now() - begun < seconds(10));
}
