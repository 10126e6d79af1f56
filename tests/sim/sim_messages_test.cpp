// The simulated modem's message service over its pty: memories, listing and reading, indications, sending.
// PDUs are written out, so that nothing here depends on the gateway's encoder.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/sim/sim_line.h"

using namespace pigeon;
using namespace pigeon::sim;

namespace {

// "How are you?" from +31641600986: with the SMSC's address, and its TPDU's 30 octets alone.
const std::string kDeliver(kHowAreYou);
const std::string kDeliverTpdu = "040B911346610089F60000208062917314080CC8F71D14969741F977FD07";
const std::string kFlash = "07911326040000F0040B911346610089F60010208062917314080CC8F71D14969741F977FD07";
const std::string kForSim = "07911326040000F0040B911346610089F60012208062917314080CC8F71D14969741F977FD07";
// "hellohello" to +46708251358; 22 octets behind the SMSC's "00".
const std::string kSubmit = "0001000B916407281553F800000AE8329BFD4697D9EC37";
// SMS-STATUS-REPORT for reference 1 to +46708251358: delivered.
const std::string kReportTpdu = "06010B916407281553F8208062917314082080629173140800";

}  // namespace

TEST_CASE("sim messages: a message is unread until it is read, and its slot is free once deleted") {
  Line line;
  line.modem.deliver(octets(kDeliver));
  CHECK(line.modem.messages_stored() == 1);
  CHECK(line.client.answer("AT+CMGL=1") == "OK");
  CHECK(line.client.answer("AT+CMGR=1") == "+CMGR: 0,,30|" + kDeliver + "|OK");
  CHECK(line.client.answer("AT+CMGR=1") == "+CMGR: 1,,30|" + kDeliver + "|OK");
  CHECK(line.client.answer("AT+CMGL=0") == "OK");
  CHECK(line.client.ask("AT+CMGL=4") == "\r\n+CMGL: 1,1,,30\r\n" + kDeliver + "\r\n\r\nOK\r\n");
  CHECK(line.client.answer("AT+CMGD=1") == "OK");
  CHECK(line.client.answer("AT+CMGD=1") == "OK");
  CHECK(line.client.answer("AT+CMGR=1") == "+CMS ERROR: 321");
  CHECK(line.client.answer("AT+CMGD=31") == "+CMS ERROR: 321");
  CHECK(line.modem.messages_stored() == 0);
}

TEST_CASE("sim messages: a TPDU without an SMSC gets the modem's own, an undecodable one is kept as it is") {
  Line line(SimModemOptions{.smsc = "+31624000000", .first_index = 0});
  line.modem.deliver(octets(kDeliverTpdu), false);
  line.modem.deliver(octets("FFEE"));
  line.modem.deliver({});
  CHECK(line.client.answer("AT+CMGL=4") ==
        "+CMGL: 0,0,,30|" + kDeliver + "|+CMGL: 1,0,,2|FFEE|+CMGL: 2,0,,0|OK");
}

TEST_CASE("sim messages: +CMGD deletes by kind") {
  struct Case {
    int flag;
    const char* left;
  };
  // Slots: 1 unread, 2 read, 3 unsent, 4 sent.
  const Case cases[] = {{1, "1,3,4"}, {2, "1,3"}, {3, "1"}, {4, ""}};
  for (const Case& c : cases) {
    CAPTURE(c.flag);
    Line line;
    line.modem.deliver(octets(kDeliver));
    line.modem.deliver(octets(kDeliver));
    CHECK(line.client.answer("AT+CMGR=2").starts_with("+CMGR: 0"));
    for (const char* stat : {"2", "3"}) {
      REQUIRE(line.client.answer(std::string("AT+CMGW=22,") + stat) == "> ");
      line.client.write(kSubmit + "\x1a");
      REQUIRE(line.client.read_until("OK\r\n").find("+CMGW: ") != std::string::npos);
    }
    CHECK(line.client.answer("AT+CMGD=?") == "+CMGD: (1,2,3,4),(0-4)|OK");
    CHECK(line.client.answer("AT+CMGD=1," + std::to_string(c.flag)) == "OK");
    CHECK(line.client.answer("AT+CMGD=?") == "+CMGD: (" + std::string(c.left) + "),(0-4)|OK");
  }
}

TEST_CASE("sim messages: SM and ME are separate, +CPMS chooses with one, two or three names") {
  Line line(SimModemOptions{.sim_slots = 10, .me_slots = 20});
  SerialClient& client = line.client;
  line.modem.deliver(octets(kDeliver));
  CHECK(client.answer("AT+CPMS=?") == R"(+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")|OK)");
  CHECK(client.answer("AT+CPMS?") == R"(+CPMS: "SM",1,10,"SM",1,10,"SM",1,10|OK)");
  CHECK(client.answer("AT+CPMS=\"ME\"") == "+CPMS: 0,20,1,10,1,10|OK");
  CHECK(client.answer("AT+CMGL=4") == "OK");
  line.modem.deliver(octets(kDeliver));
  CHECK(client.answer("AT+CPMS=\"sm\",\"ME\"") == "+CPMS: 2,10,0,20,2,10|OK");
  CHECK(client.answer("AT+CPMS=\"SM\",\"SM\",\"ME\"") == "+CPMS: 2,10,2,10,0,20|OK");
  line.modem.deliver(octets(kDeliver));
  CHECK(client.answer("AT+CPMS?") == R"(+CPMS: "SM",2,10,"SM",2,10,"ME",1,20|OK)");
  CHECK(client.answer("AT+CPMS=\"XX\"") == "+CMS ERROR: 302");
  CHECK(client.answer("AT+CPMS=\"ME\",\"XX\"") == "+CMS ERROR: 302");
  CHECK(client.answer("AT+CPMS?") == R"(+CPMS: "SM",2,10,"SM",2,10,"ME",1,20|OK)");
}

TEST_CASE("sim messages: with no free slot the network keeps them until one is freed") {
  Line line(SimModemOptions{.sim_slots = 2});
  CHECK(line.client.answer("AT+CNMI=2,1") == "OK");
  for (int i = 0; i < 4; ++i) line.modem.deliver(octets(kDeliver));
  CHECK(line.modem.messages_stored() == 2);
  CHECK(line.modem.messages_waiting() == 2);
  CHECK(joined_lines(line.client.read_until(",2\r\n")) == R"(+CMTI: "SM",1|+CMTI: "SM",2)");
  CHECK(line.client.answer("AT+CMGD=2") == "OK");
  CHECK(line.client.read_until(",2\r\n") == "\r\n+CMTI: \"SM\",2\r\n");
  CHECK(line.modem.messages_waiting() == 1);
}

TEST_CASE("sim messages: without registration the network keeps them") {
  Line line;
  line.modem.set_registration(2);
  line.modem.deliver(octets(kDeliver));
  CHECK(line.modem.messages_waiting() == 1);
  line.modem.set_registration(1);
  CHECK(line.modem.messages_waiting() == 0);
  CHECK(line.modem.messages_stored() == 1);
}

TEST_CASE("sim messages: +CNMI decides where a message goes") {
  struct Case {
    const char* name;
    const char* setting;
    std::string pdu;
    std::string indication;
    std::size_t stored;
  };
  const std::string direct = "+CMT: ,30|";
  const Case cases[] = {
      {"stored in silence", "2,0,0,0,0", kDeliver, "", 1},
      {"stored and told", "2,1,0,0,0", kDeliver, R"(+CMTI: "SM",1)", 1},
      {"straight to the host", "2,2,0,0,0", kDeliver, direct + kDeliver, 0},
      {"class 2 is for the SIM", "2,2,0,0,0", kForSim, R"(+CMTI: "SM",1)", 1},
      {"only class 3 to the host", "2,3,0,0,0", kFlash, R"(+CMTI: "SM",1)", 1},
      {"no report asked for", "2,1,0,0,0", "00" + kReportTpdu, "", 0},
      {"a report to the host", "2,1,0,1,0", "00" + kReportTpdu, "+CDS: 25|00" + kReportTpdu, 0},
      {"a report stored and told", "2,1,0,2,0", "00" + kReportTpdu, R"(+CDSI: "SM",1)", 1},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    Line line;
    CHECK(line.client.answer(std::string("AT+CNMI=") + c.setting) == "OK");
    CHECK(line.client.answer("AT+CNMI?") == "+CNMI: " + std::string(c.setting) + "|OK");
    line.modem.deliver(octets(c.pdu));
    CHECK(joined_lines(line.client.unasked()) == c.indication);
    CHECK(line.modem.messages_stored() == c.stored);
  }
}

TEST_CASE("sim messages: +CNMI refuses what it does not offer and keeps what was not given") {
  Line line;
  CHECK(line.client.answer("AT+CNMI=?") == "+CNMI: (0-3),(0-3),(0,2),(0-2),(0,1)|OK");
  CHECK(line.client.answer("AT+CNMI=2,1,0,2,1") == "OK");
  CHECK(line.client.answer("AT+CNMI=1,,2") == "OK");
  CHECK(line.client.answer("AT+CNMI?") == "+CNMI: 1,1,2,2,1|OK");
  for (const char* setting : {"4", "2,4", "2,1,1", "2,1,0,3", "2,1,0,0,2", "x", "2,1,0,0,0,0"}) {
    CAPTURE(setting);
    CHECK(line.client.answer(std::string("AT+CNMI=") + setting) == "+CMS ERROR: 303");
  }
  CHECK(line.client.answer("AT+CNMI?") == "+CNMI: 1,1,2,2,1|OK");
}

TEST_CASE("sim messages: mode 0 holds indications back, the next mode brings or drops them") {
  for (const bool drop : {false, true}) {
    CAPTURE(drop);
    Line line;
    CHECK(line.client.answer("AT+CNMI=0,1") == "OK");
    line.modem.deliver(octets(kDeliver));
    CHECK(line.client.unasked() == "");
    CHECK(line.client.answer(drop ? "AT+CNMI=2,1,0,0,1" : "AT+CNMI=2,1,0,0,0") == "OK");
    CHECK(joined_lines(line.client.unasked()) == (drop ? "" : R"(+CMTI: "SM",1)"));
  }
}

TEST_CASE("sim messages: what comes while a command runs is told after its answer") {
  Line line;
  CHECK(line.client.answer("AT+CNMI=2,1") == "OK");
  line.modem.before_command([&](std::string_view command) -> Intervention {
    if (command == "AT+CSQ") line.modem.deliver(octets(kDeliver));
    return {};
  });
  line.client.write("AT+CSQ\r");
  CHECK(line.client.read_until(",1\r\n") == "\r\n+CSQ: 20,99\r\n\r\nOK\r\n\r\n+CMTI: \"SM\",1\r\n");
}

TEST_CASE("sim messages: or in the middle of it, when asked to be rude") {
  Line line(SimModemOptions{.urcs_inside_answers = true});
  CHECK(line.client.answer("AT+CNMI=2,1") == "OK");
  line.modem.deliver(octets(kDeliver));
  CHECK(line.client.unasked() == "\r\n+CMTI: \"SM\",1\r\n");
  line.modem.before_command([&](std::string_view command) -> Intervention {
    if (command == "AT+CMGR=1") line.modem.deliver(octets(kDeliver));
    return {};
  });
  CHECK(line.client.ask("AT+CMGR=1") ==
        "\r\n+CMGR: 0,,30\r\n\r\n+CMTI: \"SM\",2\r\n" + kDeliver + "\r\n\r\nOK\r\n");
}

TEST_CASE("sim messages: a host that wants to acknowledge gets one at a time") {
  Line line;
  CHECK(line.client.answer("AT+CNMA") == "+CMS ERROR: 340");
  CHECK(line.client.answer("AT+CSMS=1;+CNMI=2,2") == "+CSMS: 1,1,1|OK");
  line.modem.deliver(octets(kDeliver));
  line.modem.deliver(octets(kDeliver));
  CHECK(joined_lines(line.client.unasked()) == "+CMT: ,30|" + kDeliver);
  CHECK(line.modem.messages_waiting() == 1);
  CHECK(line.client.answer("AT+CNMA") == "OK");
  CHECK(joined_lines(line.client.unasked()) == "+CMT: ,30|" + kDeliver);
}

TEST_CASE("sim messages: a host that never acknowledges finds them stored") {
  Line line(SimModemOptions{.acknowledge_timeout = milliseconds(20)});
  CHECK(line.client.answer("AT+CSMS=1;+CNMI=2,2,0,1") == "+CSMS: 1,1,1|OK");
  line.modem.deliver(octets(kDeliver));
  CHECK(line.client.read_until(kDeliver + "\r\n").ends_with(kDeliver + "\r\n"));
  const SteadyTime deadline = steady_now() + seconds(5);
  while (line.modem.messages_stored() == 0 && steady_now() < deadline) CHECK(line.client.unasked() == "");
  CHECK(line.modem.messages_stored() == 1);
  CHECK(line.client.answer("AT+CNMI?") == "+CNMI: 2,0,0,0,0|OK");
}

TEST_CASE("sim messages: a part is sent behind the prompt and told to whoever listens") {
  std::vector<std::string> recipients;
  Line line(SimModemOptions{.send_delay = milliseconds(30)});
  line.modem.on_sent([&](const SentPart& part) { recipients.push_back(part.submit.recipient.to_string()); });
  for (int reference = 1; reference <= 2; ++reference) {
    CHECK(line.client.ask("AT+CMGS=22") == "\r\n> ");
    const SteadyTime start = steady_now();
    line.client.write(kSubmit + "\x1a");
    CHECK(joined_lines(line.client.read_until("OK\r\n")) == "+CMGS: " + std::to_string(reference) + "|OK");
    CHECK(steady_now() - start >= milliseconds(30));
  }
  line.modem.on_sent({});
  const auto sent = line.modem.sent();
  REQUIRE(sent.size() == 2);
  CHECK(to_hex(sent[0].pdu) == kSubmit.substr(2));
  CHECK(sent[1].reference == 2);
  CHECK(sent[0].submit.recipient.to_string() == "+46708251358");
  CHECK(recipients == std::vector<std::string>{"+46708251358", "+46708251358"});
  CHECK(line.modem.wait_for_sent(3, milliseconds(1)).size() == 2);
}

TEST_CASE("sim messages: PDUs may be typed with echo and in lines, and ESC gives up") {
  SimModem modem;
  SerialClient client(modem.device());
  CHECK(client.ask("AT+CMGS=22") == "AT+CMGS=22\r\r\n> ");
  client.write("00");
  CHECK(client.read_until("00") == "00");
  client.write("\x1b");
  CHECK(client.read_until("OK\r\n") == "\r\nOK\r\n");
  CHECK(modem.sent().empty());
  CHECK(client.answer("AT+CMGS=22") == "> ");
  client.write(kSubmit.substr(0, 10) + "\r\n" + kSubmit.substr(10) + "\x1a");
  CHECK(client.read_until("OK\r\n").ends_with("\x1a\r\n+CMGS: 1\r\n\r\nOK\r\n"));
}

TEST_CASE("sim messages: what cannot be sent") {
  struct Case {
    const char* name;
    const char* command;
    std::string pdu;
    const char* answer;
  };
  const Case cases[] = {
      {"not hex", "AT+CMGS=22", "00zz", "+CMS ERROR: 304"},
      {"another length than announced", "AT+CMGS=21", kSubmit, "+CMS ERROR: 304"},
      {"cut short", "AT+CMGS=5", "0001000B9164", "+CMS ERROR: 304"},
      {"nothing at all", "AT+CMGS=22", "", "+CMS ERROR: 304"},
  };
  Line line;
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(line.client.answer(c.command) == "> ");
    line.client.write(c.pdu + "\x1a");
    CHECK(joined_lines(line.client.read_until("\r\n+CMS ERROR: 304\r\n")) == c.answer);
  }
  for (const char* command : {"AT+CMGS", "AT+CMGS=0", "AT+CMGS=165", "AT+CMGS=\"+123\""}) {
    CAPTURE(command);
    CHECK(line.client.answer(command) == "+CMS ERROR: 304");
  }
  line.modem.set_registration(2);
  CHECK(line.client.answer("AT+CMGS=22") == "> ");
  line.client.write(kSubmit + "\x1a");
  CHECK(joined_lines(line.client.read_until("331\r\n")) == "+CMS ERROR: 331");
  CHECK(line.modem.sent().empty());
}

TEST_CASE("sim messages: hooks see a PDU before and after the network took it") {
  std::vector<std::string> seen;
  Line line;
  line.modem.before_command([&](std::string_view command) -> Intervention {
    seen.push_back("before " + std::string(command) + " " + std::to_string(line.modem.sent().size()));
    return {};
  });
  line.modem.after_command([&](std::string_view command) -> Intervention {
    seen.push_back("after " + std::string(command) + " " + std::to_string(line.modem.sent().size()));
    if (command.starts_with("PDU")) return {Intervention::Kind::answer, "\r\n+CMS ERROR: 500\r\n"};
    return {};
  });
  CHECK(line.client.answer("AT+CMGS=22") == "> ");
  line.client.write(kSubmit + "\x1a");
  CHECK(line.client.read_until("500\r\n") == "\r\n+CMS ERROR: 500\r\n");
  line.modem.before_command({});
  line.modem.after_command({});
  CHECK(seen == std::vector<std::string>{"before AT+CMGS=22 0", "after AT+CMGS=22 0",
                                         "before PDU " + kSubmit + " 0", "after PDU " + kSubmit + " 1"});
}

TEST_CASE("sim messages: a written message is sent from its slot") {
  Line line;
  CHECK(line.client.answer("AT+CMGW=22") == "> ");
  line.client.write(kSubmit + "\x1a");
  CHECK(joined_lines(line.client.read_until("OK\r\n")) == "+CMGW: 1|OK");
  CHECK(line.client.answer("AT+CMGL=2") == "+CMGL: 1,2,,22|" + kSubmit + "|OK");
  CHECK(line.client.answer("AT+CMSS=1") == "+CMSS: 1|OK");
  CHECK(line.client.answer("AT+CMGR=1") == "+CMGR: 3,,22|" + kSubmit + "|OK");
  CHECK(line.client.answer("AT+CMSS=2") == "+CMS ERROR: 321");
  CHECK(line.modem.sent().size() == 1);
}

TEST_CASE("sim messages: PDU mode only") {
  Line line;
  CHECK(line.client.answer("AT+CMGF=?") == "+CMGF: (0)|OK");
  CHECK(line.client.answer("AT+CMGF=0") == "OK");
  CHECK(line.client.answer("AT+CMGF=1") == "+CMS ERROR: 303");
}
