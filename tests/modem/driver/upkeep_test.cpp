// What the driver does by itself while its owner waits: what was refused is tried again, what is lost is set
// again, and a dead modem is noticed.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <vector>

#include "tests/modem/modem_helpers.h"
#include "tests/modem/scripted_modem.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;

namespace {

const std::string kPdu = to_hex(deliver_pdu());

}  // namespace

TEST_CASE("upkeep: storages that were refused while the SIM started are selected later") {
  for (const char* refusal :
       {"\n+CMS ERROR: 302\n", "\n+CMS ERROR: 500\n", "\n+CMS ERROR: 314\n", "\nERROR\n"}) {
    CAPTURE(refusal);
    std::atomic<bool> is_starting{true};
    ScriptedModem modem([&, script = modem_script({{"AT+CMGR=3", "\n+CMGR: 1,,30\n" + kPdu + "\n\nOK\n"}})](
                            const std::string& line) {
      return line.starts_with("AT+CPMS=\"") && is_starting ? framed(refusal) : script(line);
    });
    auto options = options_for(modem.device());
    options.timeouts.sim_ready = milliseconds(20);
    options.timeouts.settle = milliseconds(50);
    const auto driver = open_modem(options);
    CHECK_FALSE(driver->read_message({"SM", 3}));
    is_starting = false;
    const auto events = wait_for_event(*driver);
    REQUIRE(events.size() == 1);
    CHECK(events.front().kind == Event::Kind::message_stored);
    CHECK_FALSE(events.front().slot);
    CHECK(driver->read_message({"SM", 3}));
  }
}

TEST_CASE("upkeep: a SIM that is busy is waited for and gets the storages and indications it was to have") {
  for (const char* busy : {"AT+CPMS=\"SM\",\"SM\",\"SM\"", "AT+CNMI=2,1,0,1,0"}) {
    CAPTURE(busy);
    ScriptedModem modem([&, refusals = 3, script = modem_script({})](const std::string& line) mutable {
      return line == busy && refusals-- > 0 ? framed("\n+CMS ERROR: 314\n") : script(line);
    });
    const auto driver = open_modem(options_for(modem.device()));
    CHECK(driver->settings().announces_messages);
    CHECK(modem.count(busy) == 4);
    for (const auto& line : modem.lines()) {
      CHECK_FALSE(line.starts_with("AT+CNMI=1,"));
      CHECK_FALSE(line.starts_with("AT+CNMI=2,1,0,2"));
    }
  }
}

TEST_CASE("upkeep: indications that were refused are tried again and a listing finds what came meanwhile") {
  std::atomic<bool> is_starting{true};
  ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
    return line.starts_with("AT+CNMI=") && line != "AT+CNMI=?" && is_starting ? framed("\n+CMS ERROR: 500\n")
                                                                              : script(line);
  });
  auto options = options_for(modem.device());
  options.timeouts.settle = milliseconds(50);
  const auto driver = open_modem(options);
  CHECK_FALSE(driver->settings().announces_messages);
  is_starting = false;
  REQUIRE(wait_for_event(*driver).size() == 1);
  CHECK(driver->settings().announces_messages);
  CHECK(driver->settings().cnmi == "2,1,0,1,0");
}

TEST_CASE("upkeep: a text that comes directly although it should be stored has its setting looked at") {
  for (const bool is_lost : {true, false}) {
    CAPTURE(is_lost);
    std::atomic<bool> lost{false};
    ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
      if (line == "AT+CNMI=2,1,0,1,0") lost = false;
      return line == "AT+CNMI?" && lost ? framed("\n+CNMI: 2,2,0,0,0\n\nOK\n") : script(line);
    });
    const auto driver = open_modem(options_for(modem.device()));
    const int set = modem.count("AT+CNMI=2,1,0,1,0");
    const int read = modem.count("AT+CNMI?");
    lost = is_lost;
    modem.inject("\r\n+CMT: ,30\r\n" + kPdu + "\r\n");
    CHECK(wait_for_event(*driver).front().kind == Event::Kind::message_direct);
    REQUIRE(driver->wait(steady_now()));
    CHECK(modem.count("AT+CNMI?") > read);
    CHECK(modem.count("AT+CNMI=2,1,0,1,0") == set + (is_lost ? 1 : 0));
    CHECK_FALSE(lost);
  }
}

TEST_CASE("upkeep: a modem that shows by text mode that it has restarted gets all its settings again") {
  ScriptedModem modem([text_mode = false, was_reset = false,
                       script = modem_script({})](const std::string& line) mutable {
    if (line == "AT+CMGF=0") text_mode = false;
    if (line == "AT+CMGD=1") text_mode = was_reset = true;
    if (line.starts_with("AT+CNMI=2")) was_reset = false;
    if (line == "AT+CNMI?" && was_reset) return framed("\n+CNMI: 0,0,0,0,0\n\nOK\n");
    if (line != "AT+CMGR=1") return script(line);
    return text_mode
               ? framed("\n+CMGR: \"REC UNREAD\",\"+12025550123\",,\"26/11/28,12:00:00+04\"\nhello\n\nOK\n")
               : framed("\n+CMGR: 0,,30\n" + kPdu + "\n\nOK\n");
  });
  const auto driver = open_modem(options_for(modem.device()));
  const int indications = modem.count("AT+CNMI=2,1,0,1,0");
  const int storages = modem.count("AT+CPMS=\"SM\",\"SM\",\"SM\"");
  REQUIRE(driver->delete_message({"SM", 1}));
  REQUIRE(driver->read_message({"SM", 1}));
  CHECK(modem.count("AT+CNMI=2,1,0,1,0") == indications + 1);
  CHECK(modem.count("AT+CPMS=\"SM\",\"SM\",\"SM\"") == storages + 1);
}

TEST_CASE("upkeep: a modem that says nothing is asked and one that does not answer is dead") {
  std::atomic<bool> is_dead{false};
  ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
    return is_dead ? std::string() : script(line);
  });
  auto options = options_for(modem.device());
  options.timeouts.alive = milliseconds(100);
  options.timeouts.answer = milliseconds(1000);
  const auto driver = open_modem(options);
  const int before = modem.count("AT");
  REQUIRE(driver->wait(steady_now() + milliseconds(350)));
  const int asked = modem.count("AT") - before;
  CHECK(asked >= 1);
  CHECK(asked <= 3);
  is_dead = true;
  const auto events = driver->wait(steady_now() + seconds(60));
  REQUIRE_FALSE(events);
  CHECK(events.error().code == Errc::timeout);
  CHECK(ModemTimeouts().alive + ModemTimeouts().answer < seconds(60));
}

TEST_CASE("upkeep: the count of messages is of each storage once") {
  ScriptedModem modem(
      in_turn("AT+CPMS?", {"\n+CPMS: \"SM\",0,30,\"SM\",0,30,\"SM\",0,30\n\nOK\n",
                           "\n+CPMS: \"SM\",2,30,\"ME\",3,30,\"SM\",2,30\n\nOK\n", "\nERROR\n"}));
  const auto driver = open_modem(options_for(modem.device()));
  auto count = driver->count_messages();
  REQUIRE(count);
  CHECK(*count == 5);
  count = driver->count_messages();
  REQUIRE(count);
  CHECK_FALSE(*count);
}

TEST_CASE("upkeep: what comes directly is acknowledged when the owner has it, once, and only in phase 2+") {
  struct Case {
    const char *maker, *service, *refusal;
    std::vector<std::string> told;
  };
  const Case cases[] = {
      {"Scripted", "1", "", {"AT+CNMA=0"}},
      {"Quectel", "1", "", {"AT+CNMA=1"}},
      {"SIMCOM INCORPORATED", "1", "", {"AT+CSMS=0"}},
      {"Scripted", "0", "", {}},
      {"Scripted", "1", "+CMS ERROR: 340", {"AT+CNMA=0"}},
      {"Scripted", "1", "ERROR", {"AT+CNMA=0", "AT+CSMS=0"}},
  };
  for (const Case& row : cases) {
    CAPTURE(row.maker);
    CAPTURE(row.refusal);
    ScriptedModem modem([&, script = modem_script({{"AT+CGMI", std::string("\n") + row.maker + "\n\nOK\n"}})](
                            const std::string& line) mutable {
      if (line == "AT+CSMS?") return framed(std::string("\n+CSMS: ") + row.service + ",1,1,1\n\nOK\n");
      const bool refused = line.starts_with("AT+CNMA") && *row.refusal != 0;
      return refused ? framed(std::string("\n") + row.refusal + "\n") : script(line);
    });
    const auto driver = open_modem(options_for(modem.device()));
    modem.inject("\r\n+CMT: ,30\r\n" + kPdu + "\r\n");
    CHECK(wait_for_event(*driver).front().kind == Event::Kind::message_direct);
    CHECK(modem.count("AT+CNMA=0") + modem.count("AT+CNMA=1") == 0);
    REQUIRE(driver->acknowledge());
    REQUIRE(driver->acknowledge());
    std::vector<std::string> told;
    for (const std::string& line : modem.lines()) {
      if (line.starts_with("AT+CNMA") || line.starts_with("AT+CSMS=")) told.push_back(line);
    }
    CHECK(told == row.told);
  }
}

TEST_CASE("upkeep: a modem that echoes again has restarted, though it says nothing") {
  std::atomic<bool> echoes{false};
  ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
    return (echoes ? line + "\r" : "") + script(line);
  });
  auto options = options_for(modem.device());
  options.timeouts.alive = milliseconds(20);
  const auto driver = open_modem(options);
  const auto quiet = driver->wait(steady_now() + milliseconds(50));
  REQUIRE(quiet);
  CHECK(quiet->empty());
  echoes = true;
  const auto events = wait_for_event(*driver);
  REQUIRE(events.size() == 1);
  CHECK(events.front().kind == Event::Kind::restarted);
}

TEST_CASE("upkeep: a modem that never stops to echo has not restarted") {
  ScriptedModem modem([script = modem_script({})](const std::string& line) {
    return line == "ESC" ? "" : line + "\r" + script(line);
  });
  auto options = options_for(modem.device());
  options.timeouts.alive = milliseconds(20);
  const auto driver = open_modem(options);
  const auto events = driver->wait(steady_now() + milliseconds(100));
  REQUIRE(events);
  CHECK(events->empty());
  CHECK(modem.count("AT") > 2);
}
