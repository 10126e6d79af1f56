// The console of pigeon-sim, as a script uses it.
#include "sim/sim_console.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/sim/serial_client.h"

using namespace pigeon;
using namespace pigeon::sim;

namespace {

struct Desk {
  SimModem modem;
  Carrier carrier{modem};
  SimConsole console{modem, carrier};
};

}  // namespace

TEST_CASE("sim console: texts, long ones and impossible ones") {
  Desk desk;
  CHECK(desk.console.execute("text +12025550123 Hello there") == "ok 1 part\n");
  CHECK(desk.console.execute("text +12025550123 " + std::string(200, 'x')) == "ok 2 parts\n");
  CHECK(desk.console.execute("stored") == "ok 3 stored, 0 waiting, 0 sent\n");
  CHECK(desk.console.execute("text +12025550123") == "error: usage: text FROM WORDS…\n");
  CHECK(desk.console.execute("text not-a-phone-or-name hi").starts_with("error: sender: "));
}

TEST_CASE("sim console: a phone's inbox, with line breaks on one line") {
  Desk desk;
  CHECK(desk.console.execute("inbox +46708251358") == "ok 0\n");
  CHECK(desk.console.execute("wait +46708251358 1 0") == "error: 0 of 1 messages after 0 s\n");
  SerialClient client(desk.modem.device());
  CHECK(client.answer("AT+CMGS=22") == "> ");
  client.write("0001000B916407281553F800000AE8329BFD4697D9EC37\x1a");
  CHECK(desk.console.execute("wait +46708251358 1") == "message hellohello\nok 1\n");
  CHECK(client.read_until("OK\r\n").ends_with("OK\r\n"));
  CHECK(client.answer("AT+CMGS=16") == "> ");  // "a", line feed, "b"
  client.write("0001000B916407281553F8000003618518\x1a");
  CHECK(desk.console.execute("wait +46708251358 2") == "message hellohello\nmessage a\\nb\nok 2\n");
  CHECK(desk.console.execute("inbox +46708251358") == "message hellohello\nmessage a\\nb\nok 2\n");
}

TEST_CASE("sim console: the network, the plug and raw bytes") {
  Desk desk;
  SerialClient client(desk.modem.device());
  CHECK(client.answer("ATE0") == "OK");
  CHECK(desk.console.execute("signal 7") == "ok\n");
  CHECK(client.answer("AT+CSQ") == "+CSQ: 7,99|OK");
  CHECK(desk.console.execute("registration 2") == "ok\n");
  CHECK(client.answer("AT+CREG?") == "+CREG: 0,2|OK");
  CHECK(desk.console.execute("inject ^RSSI:3\\r\\n") == "ok\n");
  CHECK(client.read_until("\r\n") == "^RSSI:3\r\n");
  CHECK(desk.console.execute("unplug") == "ok\n");
  CHECK(client.hung_up());
  const std::string plugged = desk.console.execute("plug");
  CHECK(plugged == "ok " + desk.modem.device() + "\n");
  CHECK(SerialClient(desk.modem.device()).ask("AT") == "AT\r\r\nOK\r\n");
  for (const char* bad : {"signal 32", "signal", "signal x", "registration 8", "registration -1"}) {
    CAPTURE(bad);
    CHECK(desk.console.execute(bad).starts_with("error: usage: "));
  }
}

TEST_CASE("sim console: runs until quit and says what it does not know") {
  Desk desk;
  std::istringstream in("\nfly\nstored\nquit\nstored\n");
  std::ostringstream out;
  desk.console.run(in, out);
  CHECK(out.str() == "error: unknown command; try help\nok 0 stored, 0 waiting, 0 sent\nok\n");
  CHECK(desk.console.execute("help").find("wait NUMBER COUNT [SECONDS]\n") != std::string::npos);
}

TEST_CASE("sim console: what the network says to a code, in the form that is wanted") {
  Desk desk;
  SerialClient client(desk.modem.device());
  CHECK(client.answer("ATE0") == "OK");
  CHECK(desk.console.execute("ussd packed 1 *100#") == "ok\n");
  CHECK(desk.console.execute("ussd ucs2-as-15 0 Hi") == "ok\n");
  CHECK(desk.console.execute("ussd line 0 +CME ERROR: 100") == "ok\n");
  for (const char* line : {"\r\n+CUSD: 1,\"AA180C3602\",15\r\n", "\r\n+CUSD: 0,\"00480069\",15\r\n",
                           "\r\n+CME ERROR: 100\r\n", "\r\n+CUSD: 0,\"Balance: 5.00\",15\r\n"}) {
    client.write("AT+CUSD=1,\"*100#\",15\r");
    CHECK(client.read_until(line) == "\r\nOK\r\n" + std::string(line));
  }
  CHECK(desk.console.execute("ussd morse 0 Hi").starts_with("error: usage: ussd FORM"));
}

TEST_CASE("sim console: what is plugged in with the modem hears of it") {
  Desk desk;
  std::vector<bool> heard;
  desk.console.on_plug([&](bool in) { heard.push_back(in); });
  CHECK(desk.console.execute("unplug") == "ok\n");
  CHECK(desk.console.execute("plug").starts_with("ok /dev/pts/"));
  CHECK(heard == std::vector{false, true});
}
