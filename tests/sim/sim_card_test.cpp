// The SIM in the simulated modem: PIN, PUK, the time it takes to start, and none at all.
#include <doctest/doctest.h>

#include <string>

#include "tests/sim/sim_line.h"

using namespace pigeon;
using namespace pigeon::sim;

TEST_CASE("sim card: a SIM with a PIN keeps everything shut until it is entered") {
  Line line(SimModemOptions{.pin = "1234"});
  SerialClient& client = line.client;
  line.modem.deliver(octets(kHowAreYou));
  CHECK(line.modem.messages_waiting() == 1);
  CHECK(client.answer("AT+CMEE=1;+CPIN?") == "+CPIN: SIM PIN|OK");
  CHECK(client.answer("AT+CIMI") == "+CME ERROR: 11");
  CHECK(client.answer("AT+CMGL=4") == "+CMS ERROR: 311");
  CHECK(client.answer("AT+CREG?") == "+CREG: 0,0|OK");
  CHECK(client.answer("AT+CPIN=\"0000\"") == "+CME ERROR: 16");
  CHECK(client.answer("AT+CPINR") == "+CPINR: SIM PIN,2,3|+CPINR: SIM PUK,10,10|OK");
  CHECK(client.answer("AT+CPIN=1234") == "OK");
  CHECK(client.read_until("READY\r\n") == "\r\n+CPIN: READY\r\n");
  CHECK(client.answer("AT+CPIN?") == "+CPIN: READY|OK");
  CHECK(client.answer("AT+CPIN=\"1234\"") == "+CME ERROR: 3");
  CHECK(line.modem.messages_waiting() == 0);
  CHECK(line.modem.messages_stored() == 1);
}

TEST_CASE("sim card: three wrong PINs ask for the PUK, ten wrong PUKs are the end") {
  Line line(SimModemOptions{.pin = "1234", .puk = "87654321"});
  SerialClient& client = line.client;
  CHECK(client.answer("AT+CMEE=1") == "OK");
  for (int i = 0; i < 3; ++i) CHECK(client.answer("AT+CPIN=\"1111\"") == "+CME ERROR: 16");
  CHECK(client.answer("AT+CPIN?") == "+CPIN: SIM PUK|OK");
  CHECK(client.answer("AT+CIMI") == "+CME ERROR: 12");
  CHECK(client.answer("AT+CPMS?") == "+CMS ERROR: 316");
  CHECK(client.answer("AT+CPIN=\"1234\"") == "+CME ERROR: 16");
  CHECK(client.answer("AT+CPIN=\"87654321\",\"4321\"") == "OK");
  CHECK(client.read_until("READY\r\n") == "\r\n+CPIN: READY\r\n");
  CHECK(client.answer("AT+CLCK=\"SC\",2") == "+CLCK: 1|OK");
  CHECK(client.answer("AT+CLCK=\"SC\",0,\"1234\"") == "+CME ERROR: 16");
  CHECK(client.answer("AT+CLCK=\"SC\",0,\"4321\";+CLCK=\"SC\",2") == "+CLCK: 0|OK");
  CHECK(client.answer("AT+CFUN=1,1;+CPIN?") == "+CPIN: READY|OK");

  Line doomed(SimModemOptions{.pin = "1234"});
  CHECK(doomed.client.answer("AT+CMEE=1") == "OK");
  for (int i = 0; i < 3 + 10; ++i) CHECK(doomed.client.answer("AT+CPIN=\"1\",\"1\"") == "+CME ERROR: 16");
  CHECK(doomed.client.answer("AT+CPIN?") == "+CME ERROR: 13");
}

TEST_CASE("sim card: after the PIN the SIM is busy for a while") {
  Line slow(SimModemOptions{.pin = "1234", .sim_start_up = std::chrono::hours(1)});
  CHECK(slow.client.answer("AT+CMEE=1;+CPIN=\"1234\"") == "OK");
  CHECK(slow.client.answer("AT+CIMI") == "+CME ERROR: 14");
  CHECK(slow.client.answer("AT+CMGL") == "+CMS ERROR: 314");

  Line line(SimModemOptions{.pin = "1234", .sim_start_up = milliseconds(50)});
  const SteadyTime start = steady_now();
  CHECK(line.client.answer("AT+CREG=1;+CPIN=\"1234\"") == "OK");
  CHECK(joined_lines(line.client.read_until("+CREG: 1\r\n")) == "+CPIN: READY|+CREG: 1");
  CHECK(steady_now() - start >= milliseconds(50));
  CHECK(line.client.answer("AT+CIMI") == "262011234567890|OK");
}

TEST_CASE("sim card: without a SIM it says so") {
  Line line(SimModemOptions{.sim_inserted = false});
  CHECK(line.client.answer("AT+CMEE=1;+CPIN?") == "+CME ERROR: 10");
  CHECK(line.client.answer("AT+CMGL") == "+CMS ERROR: 310");
}
