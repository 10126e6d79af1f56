// What goes wrong with the simulated modem, when it is told to: each fault at the command that it is for, and
// the modem whole again afterwards.
#include <doctest/doctest.h>

#include <string>

#include "sim/modem/modem_faults.h"
#include "tests/eventually.h"
#include "tests/sim/sim_line.h"

using namespace pigeon;
using namespace pigeon::sim;

namespace {

constexpr FaultTimes kShort{.shortest_hang = milliseconds(5),
                            .longest_hang = milliseconds(10),
                            .dead = milliseconds(40),
                            .boot = milliseconds(5),
                            .gone = milliseconds(10),
                            .bad_slot = milliseconds(10),
                            .sending = milliseconds(1)};

bool is_whole(ModemFaults& faults) {
  return test::eventually([&] {
    faults.tend();
    return faults.whole_since().has_value();
  });
}

// What is typed while it starts is lost.
bool hears(SerialClient& client) {
  return test::eventually([&] {
    client.write("AT\r");
    return client.read_until("\r\nOK\r\n", milliseconds(50)).ends_with("\r\nOK\r\n");
  });
}

}  // namespace

TEST_CASE("modem faults: the command that is meant, and none but that") {
  Line line;
  ModemFaults faults(line.modem, 1, kShort);
  faults.strike(Fault::two_results, 2);
  CHECK(line.client.answer("AT") == "OK");
  CHECK_FALSE(faults.has_struck());
  line.client.write("AT+CMGF=0\r");
  CHECK(line.client.read_until("OK\r\n") == "\r\nERROR\r\n\r\nOK\r\n");
  CHECK(faults.has_struck());
  CHECK(line.client.answer("AT") == "OK");
  CHECK(faults.counts() == std::map<Fault, int>{{Fault::two_results, 1}});
}

TEST_CASE("modem faults: a hang keeps the answer, and the modem is not whole meanwhile") {
  Line line;
  FaultTimes times = kShort;
  times.shortest_hang = times.longest_hang = milliseconds(60);
  ModemFaults faults(line.modem, 1, times);
  faults.strike(Fault::hang, 1);
  const SteadyTime begun = steady_now();
  line.client.write("AT+CSQ\r");
  CHECK(test::eventually([&] { return faults.has_struck(); }));
  CHECK_FALSE(faults.whole_since().has_value());
  CHECK(line.client.read_until("OK\r\n").find("+CSQ: ") != std::string::npos);
  CHECK(steady_now() - begun >= milliseconds(60));
  CHECK(is_whole(faults));
}

TEST_CASE("modem faults: a restart loses the settings and says so, or does not") {
  for (const bool tells : {true, false}) {
    CAPTURE(tells);
    Line line;
    ModemFaults faults(line.modem, 1, kShort);
    CHECK(line.client.answer("AT+CNMI=2,1,0,1,0") == "OK");
    faults.strike(tells ? Fault::late_restart : Fault::silent_restart, 1);
    line.client.write("AT+CSQ\r");
    CHECK(test::eventually([&] { return faults.has_struck(); }));
    CHECK(is_whole(faults));
    if (tells) CHECK(line.client.read_until("SMS DONE\r\n").find("RDY") != std::string::npos);
    CHECK(hears(line.client));
    CHECK(line.client.ask("AT+CNMI?").find("+CNMI: 0,0,0,0,0") != std::string::npos);
  }
}

TEST_CASE("modem faults: what is dead hears nothing but the order to reboot") {
  Line line;
  FaultTimes times = kShort;
  times.dead = seconds(60);
  ModemFaults faults(line.modem, 1, times);
  faults.strike(Fault::dead, 1);
  line.client.write("AT+CSQ\r");
  CHECK(test::eventually([&] { return faults.has_struck(); }));
  CHECK_FALSE(faults.whole_since().has_value());
  line.client.write("AT+CFUN=1,1\r");
  CHECK(line.client.read_until("SMS DONE\r\n").find("+CSQ") == std::string::npos);
  CHECK(is_whole(faults));
}

TEST_CASE("modem faults: what is unplugged, or dead for long, comes back by itself") {
  for (const Fault fault : {Fault::unplugged, Fault::late_unplugged, Fault::dead}) {
    CAPTURE(word_of(fault));
    Line line;
    ModemFaults faults(line.modem, 1, kShort);
    faults.strike(fault, 1);
    line.client.write("AT\r");
    CHECK(test::eventually([&] { return faults.has_struck(); }));
    CHECK(is_whole(faults));
    SerialClient again(line.modem.device());
    CHECK(again.ask("AT").ends_with("\r\nOK\r\n"));
  }
}

TEST_CASE("modem faults: noise stands within an answer, and a spare OK ahead of one") {
  Line line;
  ModemFaults faults(line.modem, 1, kShort);
  const std::string right = line.client.ask("AT+CGMM");
  faults.strike(Fault::noise, 1);
  line.client.write("AT+CGMM\r");
  CHECK(test::eventually([&] { return faults.has_struck(); }));
  line.client.write("AT+CGSN\r");
  const std::string heard = line.client.read_until("490154203237518\r\n\r\nOK\r\n");
  CHECK(heard.find(right) != 0);
  faults.strike(Fault::spare_result, 1);
  CHECK(line.client.answer("AT+CMGR=1").starts_with("OK"));
}

TEST_CASE("sim habits: a slot that cannot be read ends the list, for as long as that lasts") {
  Line line;
  line.modem.deliver(octets(kHowAreYou));
  line.modem.deliver(octets(kHowAreYou));
  line.modem.set_habits({.bad_slot = 2});
  CHECK(line.client.answer("AT+CMGL=4") == "+CMGL: 1,0,,30|" + std::string(kHowAreYou) + "|+CMS ERROR: 320");
  CHECK(line.client.answer("AT+CMGR=2") == "+CMS ERROR: 320");
  line.modem.set_habits({});
  CHECK(line.client.ask("AT+CMGR=2").ends_with("\r\nOK\r\n"));
}
