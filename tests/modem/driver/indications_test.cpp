// The ladder of AT+CNMI by itself.
#include "modem/driver/indications.h"

#include <doctest/doctest.h>

#include "tests/modem/part_on_a_line.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;

namespace {

struct Desk : PartOnALine {
  using PartOnALine::PartOnALine;
  std::string imei;
  Indications indications{line, profile, imei};
};

// Takes every setting and keeps `kept` of it.
ScriptedModem::Script keeping(std::string kept) {
  return [kept = std::move(kept), set = false, script = modem_script({})](const std::string& line) mutable {
    set = set || (line.starts_with("AT+CNMI=") && line != "AT+CNMI=?");
    return line == "AT+CNMI?" && set ? framed("\n+CNMI: " + kept + "\n\nOK\n") : script(line);
  };
}

int writes(const Lines& lines) {
  int count = 0;
  for (const std::string& line : lines) count += line.starts_with("AT+CNMI=") && line != "AT+CNMI=?" ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("indications: the best rung costs a question, what is allowed, a write and a look") {
  Desk desk(modem_script({}));
  REQUIRE(desk.indications.choose());
  CHECK(desk.indications.settled() == "2,1,0,1,0");
  CHECK(desk.heard() == Lines{"AT+CNMI?", "AT+CNMI=?", "AT+CNMI=2,1,0,1,0", "AT+CNMI?"});
  REQUIRE(desk.indications.choose());
  CHECK(desk.heard() == Lines{"AT+CNMI?"});
}

TEST_CASE("indications: what a modem makes of a rung is not written again at the next opening") {
  const std::string imei = "350000000000777";
  Desk first(keeping("2,1,0,0,0"));
  first.imei = imei;
  REQUIRE(first.indications.choose());
  CHECK(first.indications.settled() == "2,1,0,0,0");
  CHECK(writes(first.heard()) == 1);

  Indications again(first.line, first.profile, imei);
  REQUIRE(again.choose());
  CHECK(again.settled() == "2,1,0,0,0");
  CHECK(writes(first.heard()) == 0);
  // What it never made of anything is: 2,2 is somebody else's setting.
  Desk lost([script = keeping("2,1,0,0,0"), told = false](const std::string& line) mutable {
    if (line == "AT+CNMI?" && !std::exchange(told, true)) return framed("\n+CNMI: 2,2,0,0,0\n\nOK\n");
    return script(line);
  });
  lost.imei = imei;
  REQUIRE(lost.indications.choose());
  CHECK(writes(lost.heard()) == 1);
  // Nor is it another modem's.
  Desk other(keeping("2,1,0,0,0"));
  other.imei = "350000000000778";
  REQUIRE(other.indications.choose());
  CHECK(writes(other.heard()) == 1);
}

TEST_CASE("indications: the family's ladder, not the usual one") {
  constexpr CnmiSettings kOwn[] = {{1, 1, 0, 1, 1}};
  Desk desk(keeping("1,1,0,1,1"));
  desk.profile.indications = kOwn;
  REQUIRE(desk.indications.choose());
  CHECK(desk.indications.settled() == "1,1,0,1,1");
  CHECK(desk.modem.count("AT+CNMI=1,1,0,1,1") == 1);
}

TEST_CASE("indications: verified, and chosen again only when they are lost") {
  Desk desk([lost = false, script = modem_script({})](const std::string& line) mutable {
    if (line == "AT+CSQ") lost = true;
    if (line.starts_with("AT+CNMI=2")) lost = false;
    return line == "AT+CNMI?" && lost ? framed("\n+CNMI: 0,0,0,0,0\n\nOK\n") : script(line);
  });
  REQUIRE(desk.indications.choose());
  static_cast<void>(desk.heard());
  REQUIRE(desk.indications.verify());
  CHECK(desk.heard() == Lines{"AT+CNMI?"});
  REQUIRE(desk.line.attempt("AT+CSQ"));
  REQUIRE(desk.indications.verify());
  CHECK(desk.indications.settled() == "2,1,0,1,0");
  CHECK(writes(desk.heard()) == 1);
}
