// Sending by itself: the length, the PDU, the reference, and a service centre that was lost.
#include "modem/driver/sender.h"

#include <doctest/doctest.h>

#include "tests/modem/part_on_a_line.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;

namespace {

struct Desk : PartOnALine {
  using PartOnALine::PartOnALine;
  ServiceCentre centre{line, options.smsc};
  Sender sender{line, centre};
};

}  // namespace

TEST_CASE("sender: the length counts the TPDU alone, and the reference is the modem's") {
  Desk desk(modem_script({}));
  const auto receipt = desk.sender.send(submit_to("+4915123456789"));
  REQUIRE(receipt);
  CHECK(receipt->reference == 7);
  const auto heard = desk.heard();
  REQUIRE(heard.size() == 2);
  CHECK(heard[1].starts_with("PDU 00"));
  CHECK(heard[0] == "AT+CMGS=" + std::to_string((heard[1].size() - 4) / 2 - 1));
}

TEST_CASE("sender: a lost service centre is set again, once, and the part goes out once") {
  Desk desk([lost = true, script = modem_script({})](const std::string& line) mutable {
    if (line.starts_with("AT+CSCA=")) lost = false;
    return line.starts_with("PDU ") && lost ? framed("\n+CMS ERROR: 330\n") : script(line);
  });
  REQUIRE(desk.centre.settle());
  REQUIRE(desk.sender.send(submit_to("+4915123456789")));
  CHECK(desk.modem.count("AT+CSCA=\"+491710760000\",145") == 1);
  int handed_over = 0;
  for (const auto& line : desk.heard()) handed_over += line.starts_with("PDU ") ? 1 : 0;
  CHECK(handed_over == 2);
}

TEST_CASE("sender: without a service centre to set, and for a refusal, nothing is tried again") {
  for (const char* refusal : {"\n+CMS ERROR: 330\n", "\n+CMS ERROR: 21\n"}) {
    Desk desk([refusal, script = modem_script({})](const std::string& line) mutable {
      return line.starts_with("PDU ") ? framed(refusal) : script(line);
    });
    CHECK_FALSE(desk.sender.send(submit_to("+4915123456789")));
    CHECK(desk.heard().size() == 2);
  }
}

TEST_CASE("service centre: a configured one is written where another stands, and restored as configured") {
  Desk desk(modem_script({}));
  desk.options.smsc = "+12025550199";
  REQUIRE(desk.centre.settle());
  REQUIRE(desk.centre.restore());
  CHECK(desk.heard() == Lines{"AT+CSCA?", "AT+CSCA=\"+12025550199\",145", "AT+CSCA=\"+12025550199\",145"});
  desk.options.smsc = "no number";
  CHECK(desk.centre.settle().error().code == Errc::bad_input);
}
