// The habits of the simulated modem: each is what some dongle does against TS 27.005, and ends when it is
// taken away.
#include <doctest/doctest.h>

#include <string>

#include "tests/sim/sim_line.h"

using namespace pigeon;
using namespace pigeon::sim;

namespace {

const std::string kDeliver(kHowAreYou);
// "hellohello" to +46708251358; the first leaves the service centre to the modem, the second names one.
const std::string kSubmit = "0001000B916407281553F800000AE8329BFD4697D9EC37";
const std::string kSubmitWithSmsc = "0691642608300301000B916407281553F800000AE8329BFD4697D9EC37";

// What AT+CMGS leads to, from its PDU to `end`.
std::string send(Line& line, const std::string& pdu, const std::string& end) {
  REQUIRE(line.client.answer("AT+CMGS=22") == "> ");
  line.client.write(pdu + "\x1a");
  return joined_lines(line.client.read_until(end));
}

}  // namespace

TEST_CASE("sim habits: AT+CMGD that says OK, or why not, and frees nothing") {
  struct Case {
    FinalResult result;
    const char* answer;
  };
  for (const Case& c : {Case{ok(), "OK"}, Case{error(), "ERROR"}, Case{cms(321), "+CMS ERROR: 321"}}) {
    CAPTURE(c.answer);
    Line line;
    line.modem.deliver(octets(kDeliver));
    line.modem.set_habits({.deletion = c.result});
    CHECK(line.client.answer("AT+CMGD=1") == c.answer);
    CHECK(line.client.answer("AT+CMGD=1,4") == c.answer);
    CHECK(line.modem.messages_stored() == 1);
    line.modem.set_habits({});
    CHECK(line.client.answer("AT+CMGD=1") == "OK");
    CHECK(line.modem.messages_stored() == 0);
  }
}

TEST_CASE("sim habits: a count of used slots that is not true, while the list is") {
  Line line;
  line.modem.deliver(octets(kDeliver));
  line.modem.set_habits({.used = 0});
  CHECK(line.client.answer("AT+CPMS?") == R"(+CPMS: "SM",0,30,"SM",0,30,"SM",0,30|OK)");
  CHECK(line.client.answer("AT+CMGL=4") == "+CMGL: 1,0,,30|" + kDeliver + "|OK");
  line.modem.set_habits({});
  CHECK(line.client.answer("AT+CPMS?") == R"(+CPMS: "SM",1,30,"SM",1,30,"SM",1,30|OK)");
}

TEST_CASE("sim habits: AT+CPMS with one storage only") {
  Line line;
  line.modem.set_habits({.one_storage = true});
  CHECK(line.client.answer(R"(AT+CPMS="ME","ME")") == "+CMS ERROR: 302");
  CHECK(line.client.answer(R"(AT+CPMS="ME","ME","ME")") == "+CMS ERROR: 302");
  CHECK(line.client.answer(R"(AT+CPMS="ME")") == "+CPMS: 0,50,0,30,0,30|OK");
  line.modem.set_habits({});
  CHECK(line.client.answer(R"(AT+CPMS="ME","ME","ME")") == "+CPMS: 0,50,0,50,0,50|OK");
}

TEST_CASE("sim habits: each send has its own octets and delay, then sending is ordinary again") {
  Line line;
  line.modem.set_habits(
      {.sends = {{.before = "\r\nRING\r\n", .delay = milliseconds(40)}, {.before = "\r\nNO CARRIER\r\n"}}});
  const SteadyTime start = steady_now();
  CHECK(send(line, kSubmit, "OK\r\n") == "RING|+CMGS: 1|OK");
  CHECK(steady_now() - start >= milliseconds(40));
  CHECK(line.modem.habits().sends.size() == 1);
  CHECK(send(line, kSubmit, "OK\r\n") == "NO CARRIER|+CMGS: 2|OK");
  CHECK(send(line, kSubmit, "OK\r\n") == "+CMGS: 3|OK");
  CHECK(line.modem.sent().size() == 3);
}

TEST_CASE("sim habits: octets of a send are out before its delay has passed") {
  Line line;
  line.modem.set_habits({.sends = {{.before = "\r\nRING\r\n", .delay = std::chrono::hours(1)}}});
  CHECK(send(line, kSubmit, "RING\r\n") == "RING");
}

TEST_CASE("sim habits: what is stored by AT+CMGW uses up no send") {
  Line line;
  line.modem.set_habits({.sends = {{.before = "\r\nRING\r\n"}}});
  REQUIRE(line.client.answer("AT+CMGW=22") == "> ");
  line.client.write(kSubmit + "\x1a");
  CHECK(joined_lines(line.client.read_until("OK\r\n")) == "+CMGW: 1|OK");
  CHECK(line.modem.habits().sends.size() == 1);
}

TEST_CASE("sim habits: a lost service centre stops what names none, until it is written again") {
  Line line;
  line.modem.set_habits({.smsc_lost = true});
  CHECK(line.client.answer("AT+CSCA?") == R"(+CSCA: "",129|OK)");
  CHECK(send(line, kSubmit, "330\r\n") == "+CMS ERROR: 330");
  CHECK(line.modem.sent().empty());
  CHECK(send(line, kSubmitWithSmsc, "OK\r\n") == "+CMGS: 1|OK");
  CHECK(line.client.answer(R"(AT+CSCA="+12025550177",145)") == "OK");
  CHECK_FALSE(line.modem.habits().smsc_lost);
  CHECK(line.client.answer("AT+CSCA?") == R"(+CSCA: "+12025550177",145|OK)");
  CHECK(send(line, kSubmit, "OK\r\n") == "+CMGS: 2|OK");
}

TEST_CASE("sim habits: noise stands in front of one answer") {
  Line line;
  line.modem.set_habits({.noise = "\xFF\xFE\r\n"});
  CHECK(line.client.ask("AT") == "\xFF\xFE\r\n\r\nOK\r\n");
  CHECK(line.client.ask("AT") == "\r\nOK\r\n");
}

TEST_CASE("sim habits: a text that is stored and announced twice, where there is room for two") {
  Line line(SimModemOptions{.sim_slots = 3});
  REQUIRE(line.client.answer("AT+CNMI=2,1") == "OK");
  line.modem.set_habits({.stores_twice = true});
  line.modem.deliver(octets(kDeliver));
  CHECK(joined_lines(line.client.unasked()) == R"(+CMTI: "SM",1|+CMTI: "SM",2)");
  line.modem.deliver(octets(kDeliver));
  CHECK(joined_lines(line.client.unasked()) == R"(+CMTI: "SM",3)");
  CHECK(line.modem.messages_waiting() == 0);
}

TEST_CASE("sim habits: texts that nothing announces") {
  Line line;
  REQUIRE(line.client.answer("AT+CNMI=2,1") == "OK");
  line.modem.set_habits({.announces = false});
  line.modem.deliver(octets(kDeliver));
  CHECK(line.client.unasked() == "");
  CHECK(line.modem.messages_stored() == 1);
  line.modem.set_habits({});
  line.modem.deliver(octets(kDeliver));
  CHECK(joined_lines(line.client.unasked()) == R"(+CMTI: "SM",2)");
}

TEST_CASE("sim habits: SM and ME as two names of one memory") {
  Line line(SimModemOptions{.sim_slots = 10, .one_memory = true});
  line.modem.deliver(octets(kDeliver));
  CHECK(line.client.answer(R"(AT+CPMS="ME")") == "+CPMS: 1,10,1,10,1,10|OK");
  CHECK(line.client.answer("AT+CMGL=4") == "+CMGL: 1,0,,30|" + kDeliver + "|OK");
  CHECK(line.client.answer("AT+CPMS?") == R"(+CPMS: "ME",1,10,"SM",1,10,"SM",1,10|OK)");
  CHECK(line.modem.messages_stored() == 1);
  CHECK(line.client.answer("AT+CMGD=1") == "OK");
  CHECK(line.client.answer(R"(AT+CPMS="SM")") == "+CPMS: 0,10,0,10,0,10|OK");
}

TEST_CASE("sim habits: what lies in a slot already was never announced") {
  Line line(SimModemOptions{.sim_slots = 5});
  REQUIRE(line.client.answer("AT+CNMI=2,1") == "OK");
  CHECK(line.modem.put_in_slot(4, octets(kDeliver)));
  CHECK_FALSE(line.modem.put_in_slot(4, octets(kDeliver)));
  CHECK_FALSE(line.modem.put_in_slot(6, octets(kDeliver)));
  CHECK(line.client.unasked() == "");
  CHECK(line.client.answer("AT+CMGL=4") == "+CMGL: 4,0,,30|" + kDeliver + "|OK");
}
