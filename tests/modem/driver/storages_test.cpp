// The storages of a modem by themselves: what is asked, and that nothing else is.
#include "modem/driver/storages.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "tests/modem/part_on_a_line.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;

namespace {

const std::string kPdu = to_hex(deliver_pdu());
const std::string kHeader = ",1,,30\n" + kPdu + "\n";

using Special = std::map<std::string, std::string>;

struct Desk : PartOnALine {
  explicit Desk(Special special) : PartOnALine(modem_script(std::move(special))) {}
  Storages storages{line, profile, [] { return Result<void>(); }};
};

}  // namespace

TEST_CASE("storages: what is chosen already is not written") {
  Desk desk(Special{{"AT+CPMS?", "\n+CPMS: \"ME\",0,50,\"ME\",0,50,\"ME\",0,50\n\nOK\n"}});
  REQUIRE(desk.storages.choose());
  CHECK(desk.storages.receive_storage() == "ME");
  CHECK(desk.heard() == Lines{"AT+CPMS=?", "AT+CPMS?"});
}

TEST_CASE("storages: where the family wants texts when they come nowhere sensible") {
  constexpr std::string_view kOwn[] = {"ME", "SM"};
  Desk desk(Special{{"AT+CPMS?", "\n+CPMS: \"BM\",0,50,\"BM\",0,50,\"BM\",0,50\n\nOK\n"}});
  desk.profile.storages = kOwn;
  REQUIRE(desk.storages.choose());
  CHECK(desk.storages.receive_storage() == "ME");
  CHECK(desk.modem.count("AT+CPMS=\"ME\",\"ME\",\"ME\"") == 1);
}

TEST_CASE("storages: a slot is read and freed in its own storage, which is asked for once") {
  Desk desk(Special{{"AT+CMGR=4", "\n+CMGR: 1,,30\n" + kPdu + "\n\nOK\n"}});
  REQUIRE(desk.storages.choose());
  static_cast<void>(desk.heard());
  const auto message = desk.storages.read({"SM", 4});
  REQUIRE(message);
  REQUIRE(*message);
  CHECK((*message)->pdu == deliver_pdu());
  REQUIRE(desk.storages.erase({"SM", 4}));
  CHECK(desk.heard() == Lines{"AT+CMGR=4", "AT+CMGD=4"});
  REQUIRE(desk.storages.erase({"ME", 5}));
  CHECK(desk.heard() == Lines{"AT+CPMS=\"ME\",\"SM\",\"SM\"", "AT+CMGD=5"});
}

TEST_CASE("storages: the list is of all that may hold texts, and ends where they arrive") {
  Desk desk(Special{{"AT+CMGL=4", "\n+CMGL: 2" + kHeader + "\nOK\n"}});
  REQUIRE(desk.storages.choose());
  static_cast<void>(desk.heard());
  const auto messages = desk.storages.list();
  REQUIRE(messages);
  REQUIRE(messages->size() == 2);
  CHECK(messages->front().slot == Slot{"ME", 2});
  CHECK(messages->back().slot == Slot{"SM", 2});
  CHECK(desk.heard() ==
        Lines{"AT+CPMS=\"ME\",\"SM\",\"SM\"", "AT+CMGL=4", "AT+CPMS=\"SM\",\"SM\",\"SM\"", "AT+CMGL=4"});
}

TEST_CASE("storages: text mode is told to who set the modem up") {
  PartOnALine text_mode([times = 0, script = modem_script({})](const std::string& line) mutable {
    if (line != "AT+CMGR=1" || times++ > 0) return script(line);
    return framed("\n+CMGR: \"REC UNREAD\",\"+12025550123\",,\"26/11/28,12:00:00+04\"\nhello\n\nOK\n");
  });
  int set_up = 0;
  Storages storages(text_mode.line, text_mode.profile, [&] {
    ++set_up;
    return Result<void>();
  });
  REQUIRE(storages.choose());
  REQUIRE(storages.read({"SM", 1}));
  CHECK(set_up == 1);
}

TEST_CASE("storages: an indication of MT's is known by the halves' names alone") {
  const std::string both = R"(("SM","ME","MT"))";
  Desk desk(Special{{"AT+CPMS=?", "\n+CPMS: " + both + "," + both + "," + both + "\n\nOK\n"},
                    {"AT+CPMS?", "\n+CPMS: \"MT\",0,80,\"MT\",0,80,\"MT\",0,80\n\nOK\n"}});
  REQUIRE(desk.storages.choose());
  CHECK(desk.storages.known_slot(Slot{"ME", 3}) == Slot{"ME", 3});
  CHECK_FALSE(desk.storages.known_slot(Slot{"MT", 3}));
}
