// Status reports that the modem stores (AT+CNMI <ds> 2, +CDSI): they lie in a storage of their own, "SR",
// which is looked into where something can lie there, and only there.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/modem/modem_helpers.h"
#include "tests/modem/scripted_modem.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;

namespace {

// 3GPP TS 23.040 §9.2.2.3: reference 17, to +12025550123, delivered. Bare, as some firmware stores it.
const std::string kReport = "06110B912120551032F1621122102200006211221022000000";

// Reads from SM, ME and, with `has_sr`, SR, where a report lies in slot 4 until it is deleted.
ScriptedModem::Script keeper(bool has_sr, int ds) {
  const std::string readable = has_sr ? R"(("SM","ME","SR"))" : R"(("SM","ME"))";
  return [script = modem_script(
              {{"AT+CPMS=?", "\n+CPMS: " + readable + R"(,("SM","ME"),("SM","ME"))" + "\n\nOK\n"},
               {"AT+CNMI?", "\n+CNMI: 2,1,0," + std::to_string(ds) + ",0\n\nOK\n"}}),
          selected = std::string("SM"), stored = true](const std::string& line) mutable {
    if (line.starts_with("AT+CPMS=\"")) selected = line.substr(9, 2);
    if (selected == "SR" && line == "AT+CMGD=4") stored = false;
    const bool is_here = selected == "SR" && stored;
    if (is_here && line == "AT+CMGL=4") return framed("\n+CMGL: 4,0,,25\n" + kReport + "\n\nOK\n");
    if (is_here && line == "AT+CMGR=4") return framed("\n+CMGR: 0,,25\n" + kReport + "\n\nOK\n");
    return script(line);
  };
}

bool looked_into_reports(const ScriptedModem& modem) {
  const auto lines = modem.lines();
  return std::any_of(lines.begin(), lines.end(),
                     [](const std::string& line) { return line.starts_with("AT+CPMS=\"SR\""); });
}

}  // namespace

TEST_CASE("stored reports: where the modem stores them, SR is listed, read and freed") {
  ScriptedModem modem(keeper(true, 2));
  const auto driver = open_modem(options_for(modem.device()));
  const auto listed = driver->list_messages();
  REQUIRE(listed);
  REQUIRE(listed->size() == 1);
  CHECK(listed->front().slot == Slot{"SR", 4});
  CHECK(to_hex(listed->front().pdu) == kReport);
  REQUIRE(driver->delete_message({"SR", 4}));
  CHECK(driver->list_messages()->empty());
  CHECK(modem.lines().back() == "AT+CMGL=4");
  REQUIRE(driver->read_message({"SM", 1}));  // mem1 is where texts arrive again
  CHECK(modem.lines().back() == "AT+CMGR=1");
}

TEST_CASE("stored reports: SR is left alone where nothing can lie there") {
  struct Row {
    const char* name;
    bool has_sr;
    int ds;
  };
  for (const Row& row : {Row{"the modem has none", false, 2}, Row{"reports come directly", true, 1}}) {
    CAPTURE(row.name);
    ScriptedModem modem(keeper(row.has_sr, row.ds));
    const auto driver = open_modem(options_for(modem.device()));
    REQUIRE(driver->list_messages());
    CHECK_FALSE(looked_into_reports(modem));
  }
}

TEST_CASE("stored reports: a modem that names SR and refuses it still lists its other storages") {
  ScriptedModem modem([script = keeper(true, 2)](const std::string& line) mutable {
    if (line == "AT+CPMS?")
      return framed("\n+CPMS: \"SM\",0,30,\"SM\",0,30,\"SM\",0,30\n\nOK\n");  // as it is wanted
    return line.starts_with("AT+CPMS=\"SR\"") ? framed("\nERROR\n") : script(line);
  });
  const auto driver = open_modem(options_for(modem.device()));
  REQUIRE(driver->list_messages());
  CHECK(modem.count("AT+CPMS=\"ME\",\"SM\",\"SM\"") == 1);
}

TEST_CASE("stored reports: +CDSI names SR, and from then on it is listed") {
  ScriptedModem modem(keeper(false, 1));
  const auto driver = open_modem(options_for(modem.device()));
  modem.inject("\r\n+CDSI: \"SR\",4\r\n");
  const auto events = wait_for_event(*driver);
  REQUIRE(events.size() == 1);
  CHECK(events.front().kind == Event::Kind::status_report_stored);
  CHECK(events.front().slot == Slot{"SR", 4});
  const auto listed = driver->list_messages();
  REQUIRE(listed);
  REQUIRE(listed->size() == 1);
  CHECK(listed->front().slot == Slot{"SR", 4});
}
