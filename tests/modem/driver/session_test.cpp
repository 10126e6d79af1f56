// A session by itself: the order of a bring-up, what it settles on, and what it does while nobody asks for
// anything.
#include "modem/driver/session.h"

#include <doctest/doctest.h>

#include <atomic>

#include "tests/modem/part_on_a_line.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;

namespace {

struct Desk : PartOnALine {
  using PartOnALine::PartOnALine;
  ModemIdentity identity;
  Sim sim{line, options, identity};
  Storages storages{line, profile, [this] { return session.set_up_again(); }};
  ServiceCentre centre{line, options.smsc};
  Indications indications{line, profile, identity.imei};
  News news{line, storages};
  Health health{line, storages};
  Session session{{line, identity, profile, sim, storages, centre, indications, news, health}};
};

}  // namespace

TEST_CASE("session: brings up in the order that each step needs") {
  Desk desk(modem_script({{"AT+CGMI", "\nhuawei\n\nOK\n"}}));
  REQUIRE(desk.session.bring_up());
  CHECK(desk.profile.name == "huawei");
  CHECK(desk.identity.family == "huawei");
  CHECK(desk.heard() == Lines{"AT+CMEE?", "AT+CSCS?",  "AT+CGMI",   "AT+CGMM",
                              "AT+CGMR",  "AT+CGSN",   "AT^CURC?",  "AT^CURC=0",
                              "AT+CFUN?", "AT+CPIN?",  "AT+CMGF?",  "AT+CMGF=0",
                              "AT+CSMS?", "AT+CPMS=?", "AT+CPMS?",  "AT+CPMS=\"SM\",\"SM\",\"SM\"",
                              "AT+CSCA?", "AT+CNMI?",  "AT+CNMI=?", "AT+CNMI=2,1,0,1,0",
                              "AT+CNMI?"});
}

TEST_CASE("session: who the modem is, is asked once") {
  Desk desk(modem_script({}));
  REQUIRE(desk.session.bring_up());
  static_cast<void>(desk.heard());
  REQUIRE(desk.session.bring_up());
  for (const auto& line : desk.heard()) CHECK_FALSE(line.starts_with("AT+CG"));
}

TEST_CASE("session: a modem that speaks is not asked for life, and one that is settled for nothing else") {
  Desk desk(modem_script({}));
  REQUIRE(desk.session.bring_up());
  static_cast<void>(desk.heard());
  CHECK(desk.session.next_upkeep() > steady_now() + seconds(30));
  REQUIRE(desk.session.keep_up());
  CHECK(desk.heard().empty());
  desk.options.timeouts.alive = milliseconds(0);
  REQUIRE(desk.session.keep_up());
  CHECK(desk.heard() == Lines{"AT"});
}

TEST_CASE("session: phase 2+ is kept where the family can acknowledge, and told so once a message") {
  Desk desk(modem_script({{"AT+CSMS?", "\n+CSMS: 1,1,1,1\n\nOK\n"}, {"AT+CGMI", "\nQuectel\n\nOK\n"}}));
  REQUIRE(desk.session.bring_up());
  CHECK(desk.session.acknowledges());
  static_cast<void>(desk.heard());
  REQUIRE(desk.session.acknowledge());
  CHECK(desk.heard().empty());
  desk.modem.inject("\r\n+CDS: 30\r\n" + to_hex(deliver_pdu()) + "\r\n");
  while (desk.news.empty()) {
    REQUIRE(desk.channel.wait(steady_now() + seconds(3), nullptr));
    desk.news.collect();
  }
  REQUIRE(desk.session.acknowledge());
  REQUIRE(desk.session.acknowledge());
  CHECK(desk.heard() == Lines{"AT+CNMA=1"});
}

TEST_CASE("session: what was refused is due again after a pause") {
  std::atomic<bool> refuses{true};
  Desk desk([&, script = modem_script({})](const std::string& line) {
    return refuses && line.starts_with("AT+CNMI=2")   ? framed("\nERROR\n")
           : refuses && line.starts_with("AT+CNMI=1") ? framed("\nERROR\n")
                                                      : script(line);
  });
  desk.options.timeouts.settle = milliseconds(20);
  REQUIRE(desk.session.bring_up());
  CHECK_FALSE(desk.indications.announces_messages());
  CHECK(desk.session.next_upkeep() <= steady_now() + milliseconds(20));
  refuses = false;
  while (!desk.indications.announces_messages()) {
    REQUIRE(desk.line.pause(milliseconds(5)));
    REQUIRE(desk.session.keep_up());
  }
  CHECK_FALSE(desk.news.empty());  // a listing
}
