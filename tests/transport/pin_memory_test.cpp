// A locked SIM over starts of the daemon: the store is opened anew each time, the modem stays powered.
#include "transport/pin_memory.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>

#include "sim/modem/sim_modem.h"
#include "tests/eventually.h"
#include "tests/modem/modem_helpers.h"
#include "tests/store/temp_store.h"
#include "transport/modem_transport.h"

using namespace pigeon;
using sim::Intervention;
using test::eventually;

namespace {

const std::string kWrong = "1357";
const std::string kRight = "2468";

sim::SimModemOptions locked() {
  sim::SimModemOptions options;
  options.pin = kRight;
  return options;
}

struct Desk {
  test::TempStore store;
  sim::SimModem sim{locked()};
  transport::IntakeSettings settings{"+12025550100", "", "It could not be read."};
  std::atomic<int> entered = 0;
  std::atomic<bool> committed = true;  // before each AT+CPIN
  bool tells_card = true;
  milliseconds unplugged = seconds(60);

  Desk() {
    sim.before_command([this](std::string_view line) { return hear(line); });
  }
  ~Desk() { sim.before_command({}); }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  Intervention hear(std::string_view line) {
    if (line.starts_with("AT+CPIN=")) {
      ++entered;
      if (line.find(kWrong) != std::string_view::npos && store->pins.may_try(card(), kWrong))
        committed = false;
    }
    const bool names_card = line.find("CCID") != std::string_view::npos || line.starts_with("AT+CRSM");
    if (names_card && !tells_card) return {Intervention::Kind::answer, "\r\nERROR\r\n"};
    return {};
  }
  [[nodiscard]] store::PinCard card() const {
    const sim::SimModemOptions defaults;
    const std::string device = "imei:" + defaults.imei;
    return {tells_card ? "iccid:" + defaults.iccid : device, device, "test"};
  }
  // One start of the daemon with this PIN; what the store says of the modem when that is known.
  store::ModemState start(const std::string& pin) {
    store.reopen();
    store->modems.clear(in_one(*store));
    store::Wakeups wakeups;
    transport::ModemTransport transport(modem(pin), settings, *store, wakeups_for(wakeups), timing());
    transport.start();
    REQUIRE(eventually([&] { return !store->modems.list().empty(); }));
    return store->modems.list().front();
  }
  [[nodiscard]] transport::TransportTiming timing() const { return {.unplugged = unplugged}; }
  static store::Wakeups& wakeups_for(store::Wakeups& wakeups) {
    wakeups.modems["test"];
    return wakeups;
  }
  [[nodiscard]] modem::ModemOptions modem(const std::string& pin) const {
    modem::ModemOptions options = test::options_for(sim.device());
    options.pin = pin;
    return options;
  }
};

}  // namespace

TEST_CASE("pin memory: four starts with a wrong PIN cost one try") {
  Desk desk;
  for (int start = 1; start <= 4; ++start) {
    CAPTURE(start);
    const store::ModemState state = desk.start(kWrong);
    CHECK_FALSE(state.ready);
    CHECK(state.detail.find("pin_file") != std::string::npos);
    const auto conditions = desk.store->conditions.list();
    REQUIRE(conditions.size() == 1);
    CHECK(store::sentence_of(conditions[0]).find("PIN") != std::string::npos);
    CHECK(desk.entered == 1);
  }
  CHECK(desk.committed);
  CHECK(desk.start(kRight).ready);  // the operator corrects it
  CHECK(desk.entered == 2);
}

TEST_CASE("pin memory: a kill between the commit and AT+CPIN costs none") {
  Desk desk;
  transport::PinMemory("test", *desk.store).try_begins({desk.card().card, desk.card().device}, kWrong);
  CHECK_FALSE(desk.start(kWrong).ready);
  CHECK(desk.entered == 0);
}

TEST_CASE("pin memory: a kill behind the right PIN does not lock out the box after the next power cut") {
  Desk desk;
  CHECK(desk.start(kRight).ready);
  desk.store->pins.forget(in_one(*desk.store), "test");
  // Killed behind AT+CPIN: begun, and nobody heard the answer. The card stays open.
  transport::PinMemory("test", *desk.store).try_begins({desk.card().card, desk.card().device}, kRight);
  CHECK(desk.start(kRight).ready);
  CHECK(desk.entered == 1);
  desk.sim.unplug();
  desk.sim.plug_in();
  CHECK(desk.start(kRight).ready);
  CHECK(desk.entered == 2);
}

TEST_CASE("pin memory: the right PIN opens the card at every start") {
  Desk desk;
  for (int start = 1; start <= 3; ++start) {
    CAPTURE(start);
    CHECK(desk.start(kRight).ready);
    CHECK(desk.entered == start);
    desk.sim.unplug();
    desk.sim.plug_in();
  }
}

TEST_CASE("pin memory: where only the modem has a name, an unplugged stick is another card") {
  Desk desk;
  desk.tells_card = false;
  desk.unplugged = milliseconds(0);
  CHECK_FALSE(desk.start(kWrong).ready);
  CHECK_FALSE(desk.start(kWrong).ready);
  CHECK(desk.entered == 1);
  CHECK(desk.committed);
  transport::PinMemory memory("test", *desk.store);
  memory.is_gone(steady_now(), seconds(60));
  CHECK_FALSE(desk.store->pins.may_try(desk.card(), kWrong));  // it may be restarting
  memory.is_gone(steady_now() + seconds(60), seconds(60));
  CHECK(desk.store->pins.may_try(desk.card(), kWrong));
}

TEST_CASE("pin memory: a modem that is there again before its time was not unplugged") {
  Desk desk;
  desk.tells_card = false;
  transport::PinMemory memory("test", *desk.store);
  memory.try_begins({desk.card().card, desk.card().device}, kWrong);
  const SteadyTime begin = steady_now();
  memory.is_gone(begin, seconds(60));
  memory.is_there();
  memory.is_gone(begin + seconds(70), seconds(60));
  CHECK_FALSE(desk.store->pins.may_try(desk.card(), kWrong));
}
