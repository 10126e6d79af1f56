// The card by itself: its states, and a PIN that is remembered before it is entered.
#include "modem/driver/sim.h"

#include <doctest/doctest.h>

#include "tests/modem/part_on_a_line.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;

namespace {

// Forgets nothing and tells what it was told.
struct Memory : PinMemory {
  bool may = true;
  std::vector<std::string> told;
  bool may_try(const CardIdentity& card, std::string_view) override {
    told.push_back("may " + card.card + " of " + card.modem);
    return may;
  }
  void try_begins(const CardIdentity&, std::string_view pin) override {
    told.push_back("begins " + std::string(pin));
  }
  void settle(const CardIdentity&, std::string_view, PinVerdict verdict) override {
    told.emplace_back(verdict == PinVerdict::right ? "right" : "not right");
  }
};

struct Desk : PartOnALine {
  explicit Desk(ScriptedModem::Script script) : PartOnALine(std::move(script)) {
    options.pin = "2468";
    options.pin_memory = &memory;
    identity.imei = "490154203237518";
  }
  Memory memory;
  ModemIdentity identity;
  Sim sim{line, options, identity};
};

}  // namespace

TEST_CASE("sim: an open card costs one question") {
  Desk desk(modem_script({}));
  REQUIRE(desk.sim.unlock());
  CHECK(desk.heard() == Lines{"AT+CPIN?"});
  CHECK(desk.memory.told.empty());
}

TEST_CASE("sim: the try is remembered before it is made, and settled when the card opens") {
  Desk desk([open = false, script = modem_script({{"AT+CCID", "\n+CCID: 8949010000000000123\n\nOK\n"}})](
                const std::string& line) mutable {
    open = open || line == "AT+CPIN=\"2468\"";
    return line == "AT+CPIN?" && !open ? framed("\n+CPIN: SIM PIN\n\nOK\n") : script(line);
  });
  REQUIRE(desk.sim.unlock());
  CHECK(desk.modem.count("AT+CPIN=\"2468\"") == 1);
  CHECK(desk.memory.told ==
        Lines{"may iccid:8949010000000000123 of imei:490154203237518", "begins 2468", "right"});
}

TEST_CASE("sim: a PIN that may not be tried is not entered") {
  Desk desk(modem_script({{"AT+CPIN?", "\n+CPIN: SIM PIN\n\nOK\n"}}));
  desk.memory.may = false;
  CHECK(desk.sim.unlock().error().code == Errc::denied);
  for (const auto& line : desk.heard()) CHECK_FALSE(line.starts_with("AT+CPIN="));
}

TEST_CASE("sim: no card, and one that asks for its PUK") {
  Desk none(modem_script({{"AT+CPIN?", "\n+CME ERROR: 10\n"}}));
  CHECK(none.sim.unlock().error().code == Errc::not_found);
  Desk blocked(modem_script({{"AT+CPIN?", "\n+CPIN: SIM PUK\n\nOK\n"}}));
  CHECK(blocked.sim.unlock().error().code == Errc::denied);
  CHECK(blocked.heard() == Lines{"AT+CPIN?"});
}
