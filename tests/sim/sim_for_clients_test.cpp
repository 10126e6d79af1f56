// What programs of others ask a modem that the gateway never does: the simulated one answers as the standards
// say, or those programs would judge the simulator and not the gateway's world.
#include <doctest/doctest.h>

#include <string>

#include "tests/sim/sim_line.h"

using namespace pigeon;
using namespace pigeon::sim;

namespace {

const std::string kDeliver(kHowAreYou);
const std::string kRouted = "+CMT: ,30|" + kDeliver;
// An SMS-DELIVER-REPORT that acknowledges (TS 23.040 §9.2.2.1a), and one that refuses.
const std::string kAcknowledgement = "0000";
const std::string kRefusal = "00D300";

// A line to which texts are routed, with one that waits for its +CNMA.
struct Routed : Line {
  Routed() {
    CHECK(client.answer("AT+CSMS=1;+CNMI=2,2") == "+CSMS: 1,1,1|OK");
    modem.deliver(octets(kDeliver));
    CHECK(joined_lines(client.unasked()) == kRouted);
  }
};

}  // namespace

TEST_CASE("sim for clients: AT+CNMA takes the acknowledgement's PDU behind a prompt") {
  Routed line;
  CHECK(line.client.answer("AT+CNMA=0,2").starts_with("+CMS ERROR: 304"));
  CHECK(line.client.answer("AT+CNMA=3").starts_with("+CMS ERROR: 304"));
  line.client.write("AT+CNMA=1,2\r");
  CHECK(line.client.read_until("> ").ends_with("> "));
  line.client.write("\x1b");  // and nothing is acknowledged
  CHECK(line.client.read_until("OK\r\n").ends_with("OK\r\n"));
  line.client.write("AT+CNMA=1,2\r");
  CHECK(line.client.read_until("> ").ends_with("> "));
  line.client.write(kAcknowledgement + "\x1a");
  CHECK(line.client.read_until("OK\r\n").ends_with("OK\r\n"));
  CHECK(line.client.answer("AT+CNMA") == "+CMS ERROR: 340");
}

TEST_CASE("sim for clients: the next text comes once the PDU of AT+CNMA has acknowledged the last") {
  Routed line;
  line.modem.deliver(octets(kDeliver));
  line.client.write("AT+CNMA=1,2\r");
  CHECK(line.client.read_until("> ").ends_with("> "));
  line.client.write(kAcknowledgement + "\x1a");
  CHECK(line.client.read_until("OK\r\n").ends_with("OK\r\n"));
  CHECK(joined_lines(line.client.read_until(kDeliver + "\r\n")) == kRouted);
}

TEST_CASE("sim for clients: what AT+CNMA=2 refuses is delivered again") {
  for (const bool with_pdu : {false, true}) {
    CAPTURE(with_pdu);
    Routed line;
    line.client.write(with_pdu ? "AT+CNMA=2,3\r" : "AT+CNMA=2\r");
    if (with_pdu) {
      CHECK(line.client.read_until("> ").ends_with("> "));
      line.client.write(kRefusal + "\x1a");
    }
    CHECK(line.client.read_until("OK\r\n").ends_with("OK\r\n"));
    CHECK(joined_lines(line.client.read_until(kDeliver + "\r\n")) == kRouted);
    CHECK(line.client.answer("AT+CNMA") == "OK");
  }
}

TEST_CASE("sim for clients: the card has a number before its PIN, and no card has none") {
  Line locked(SimModemOptions{.pin = "1234"});
  CHECK(locked.client.answer("AT+CPIN?") == "+CPIN: SIM PIN|OK");
  CHECK(locked.client.answer("AT+CCID") == "+CCID: 8949010000000000123|OK");
  CHECK(locked.client.answer("AT+ICCID?") == "+ICCID: 8949010000000000123|OK");
  CHECK(locked.client.answer("AT+CRSM=176,12258,0,0,10") == "+CRSM: 144,0,\"989410000000000021F3\"|OK");
  CHECK(locked.client.answer("AT+CRSM=176,28589,0,0,4") == "+CRSM: 106,130|OK");
  Line empty(SimModemOptions{.sim_inserted = false});
  CHECK(empty.client.answer("AT+CMEE=1;+CCID") == "+CME ERROR: 10");
  CHECK(empty.client.answer("AT+CRSM=176,12258,0,0,10") == "+CME ERROR: 10");
}

TEST_CASE("sim for clients: numbers stay digits in UCS-2, tests have ranges, and no radio is no signal") {
  Line line;
  CHECK(line.client.answer("AT+CSCS=\"UCS2\";+CNUM") == "+CNUM: ,\"+12025550100\",145|OK");
  CHECK(line.client.answer("AT+CSQ=?") == "+CSQ: (0-31,99),(0-7,99)|OK");
  CHECK(line.client.answer("AT+CPAS=?") == "+CPAS: (0,2-4)|OK");
  CHECK(line.client.answer("AT+CGATT=?") == "+CGATT: (0,1)|OK");
  CHECK(line.client.answer("AT+CSQ") == "+CSQ: 20,99|OK");
  CHECK(line.client.answer("AT+CFUN=4;+CSQ") == "+CSQ: 99,99|OK");
}

TEST_CASE("sim for clients: a USSD request is answered at once, and the network later") {
  Line line(SimModemOptions{.ussd_answer = "Balance: 5.00"});
  CHECK(line.client.answer("AT+CUSD=?") == "+CUSD: (0-2)|OK");
  CHECK(line.client.answer("AT+CUSD=1,\"*100#\",15") == "OK");
  CHECK(joined_lines(line.client.unasked()) == "+CUSD: 0,\"Balance: 5.00\",15");
  CHECK(line.client.answer("AT+CUSD=0,\"*100#\",15") == "OK");  // not to be shown
  CHECK(line.client.unasked() == "");
  line.modem.set_registration(3);
  CHECK(line.client.answer("AT+CMEE=1;+CUSD=1,\"*100#\"") == "+CME ERROR: 30");
}

TEST_CASE("sim for clients: what it can do and how it is set") {
  Line line;
  const std::string known = line.client.answer("AT+CLAC");
  CHECK(known.find("AT+CMGR|") != std::string::npos);
  CHECK(known.find("AT&V|") != std::string::npos);
  CHECK(line.client.answer("AT+CMEE=1;&V") == "ACTIVE PROFILE:|E0 Q0 V1|+CMEE:1 +CSCS:\"IRA\" +CFUN:1|OK");
}
