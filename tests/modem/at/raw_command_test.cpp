// What a person may give to a modem that a gateway relies on.
#include "modem/at/raw_command.h"

#include <doctest/doctest.h>

using namespace pigeon;
using namespace pigeon::modem;

TEST_CASE("raw command: typed as people type") {
  struct Row {
    const char* typed;
    const char* command;
  };
  const Row rows[] = {{"AT+CSQ", "AT+CSQ"},       {" at+csq ", "AT+CSQ"},
                      {"csq", "AT+CSQ"},          {"+csq", "AT+CSQ"},
                      {"^sysinfo", "AT^SYSINFO"}, {"ati", "ATI"},
                      {"AT&V", "AT&V"},           {"at+cusd=1,\"*100#Ab\",15", "AT+CUSD=1,\"*100#Ab\",15"}};
  for (const Row& row : rows) {
    CAPTURE(row.typed);
    const auto command = raw_command(row.typed);
    REQUIRE(command.has_value());
    CHECK(*command == row.command);
  }
  for (const std::string& typed :
       {std::string(), std::string("  "), std::string("AT\rATZ"), std::string("AT\x1a"),
        std::string("AT+\xC3\xA4"), std::string(500, 'A')}) {
    CHECK_FALSE(raw_command(typed).has_value());
  }
}

TEST_CASE("raw command: what could hurt is told from what only looks") {
  for (const char* harmless : {"AT",
                               "ATI",
                               "ATI4",
                               "AT&V",
                               "AT+CSQ",
                               "AT+CLAC",
                               "AT+COPS?",
                               "AT+COPS=?",
                               "AT+CNMI?",
                               "AT+CNMI=?",
                               "AT+CPMS?",
                               "AT+CFUN?",
                               "AT+CPIN?",
                               "AT+CMGF?",
                               "AT+CMGL=4",
                               "AT+CMGR=1",
                               "AT^SYSINFOEX",
                               "AT+CGSN",
                               "AT+CUSD=1,\"*100#\",15",
                               "AT^SYSCFGEX?"}) {
    CAPTURE(harmless);
    CHECK(harm_of(harmless).empty());
  }
  for (const char* harmful : {"AT+CNMI=0,0,0,0,0",
                              "AT+CPMS=\"ME\"",
                              "AT+CMGD=1",
                              "AT+CMGD=1,4",
                              "AT+CFUN=0",
                              "AT+CFUN=1,1",
                              "ATZ",
                              "ATZ0",
                              "AT&F",
                              "AT&F0",
                              "AT&W",
                              "AT+CMGS=20",
                              "AT+CMGW=20",
                              "AT+CMSS=1",
                              "AT+CMGF=1",
                              "AT+CPIN=\"0000\"",
                              "AT+CLCK=\"SC\",1,\"0000\"",
                              "ATE1",
                              "ATV0",
                              "ATD+12025550123",
                              "AT+CSQ;+CMGD=1,4",
                              "ATE0&F",
                              "ATE0+CFUN=0",
                              "AT+CSCS=\"UCS2\"",
                              "AT+COPS=2",
                              "AT+CRESET",
                              "AT^RESET",
                              "AT+CMGD =1",
                              "ZZZ"}) {
    CAPTURE(harmful);
    CHECK_FALSE(harm_of(harmful).empty());
  }
}
