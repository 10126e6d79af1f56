// What the driver asks its owner and its modem before it enters a PIN.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <vector>

#include "tests/modem/modem_helpers.h"
#include "tests/modem/scripted_modem.h"

using namespace pigeon;
using namespace pigeon::modem;
using test::modem_script;
using test::ScriptedModem;

namespace {

// Says what it is told, and writes down what it is asked.
struct Notebook : PinMemory {
  bool allows = true;
  std::vector<std::string> lines;
  std::atomic<int> begun = 0;  // the modem's thread reads it, too
  CardIdentity card;
  bool may_try(const CardIdentity& asked, std::string_view) override {
    card = asked;
    return allows;
  }
  void try_begins(const CardIdentity&, std::string_view pin) override {
    lines.push_back("try " + std::string(pin));
    ++begun;
  }
  void settle(const CardIdentity&, std::string_view, PinVerdict verdict) override {
    lines.emplace_back(verdict == PinVerdict::right     ? "right"
                       : verdict == PinVerdict::refused ? "refused"
                                                        : "not judged");
  }
};

using Special = std::map<std::string, std::string>;
using Lines = std::vector<std::string>;

// A modem that does not know a command says so; the well-behaved script says OK to everything.
Special with_unknown(Special special) {
  for (const char* line : {"AT+CCID", "AT^ICCID?", "AT+QCCID", "AT+ICCID", "AT+CRSM=176,12258,0,0,10",
                           "AT+CPINR=\"SIM PIN\"", "AT^CPIN?", "AT+QPINC=\"SC\"", "AT+SPIC", "AT#PCT"})
    special.emplace(line, "\nERROR\n");
  special.emplace("AT+CPIN?", "\n+CPIN: SIM PIN\n\nOK\n");
  special.emplace("AT+CGSN", "\n350000000000801\n\nOK\n");
  return special;
}

Error open_with(const std::string& device, Notebook& notebook) {
  ModemOptions options = test::options_for(device);
  options.timeouts.sim_ready = milliseconds(60);
  options.pin = "2468";
  options.pin_memory = &notebook;
  const auto modem = SerialModem::open(options);
  return modem ? Error{} : modem.error();
}

}  // namespace

TEST_CASE("PIN: the owner hears of a try before it is made and of its end") {
  Notebook notebook;
  std::atomic<int> heard_before = -1;
  bool open = false;  // the modem's thread alone looks
  SUBCASE("right") {
    ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
      if (line.starts_with("AT+CPIN=")) {
        heard_before = notebook.begun.load();
        open = true;
        return test::framed("\nOK\n");
      }
      if (line == "AT+CPIN?" && !open) return test::framed("\n+CPIN: SIM PIN\n\nOK\n");
      return script(line);
    });
    CHECK(open_with(modem.device(), notebook).message.empty());
    CHECK(heard_before == 1);
    CHECK(notebook.lines == Lines{"try 2468", "right"});
  }
  SUBCASE("refused") {
    ScriptedModem modem(modem_script(with_unknown({{"AT+CPIN=\"2468\"", "\n+CME ERROR: 16\n"}})));
    CHECK(open_with(modem.device(), notebook).code == Errc::denied);
    CHECK(notebook.lines == Lines{"try 2468", "refused"});
  }
  SUBCASE("taken and not open: nobody says that it was right") {
    ScriptedModem modem(modem_script(with_unknown({{"AT+CPIN=\"2468\"", "\nOK\n"}})));
    CHECK(open_with(modem.device(), notebook).code == Errc::busy);
    CHECK(notebook.lines == Lines{"try 2468"});
    CHECK(modem.count("AT+CPIN=\"2468\"") == 1);
  }
}

TEST_CASE("PIN: not entered when the owner says so") {
  Notebook notebook;
  notebook.allows = false;
  ScriptedModem modem(modem_script(with_unknown({})));
  const Error error = open_with(modem.device(), notebook);
  CHECK(error.code == Errc::denied);
  CHECK(error.message.find("not entered again") != std::string::npos);
  CHECK(modem.count("AT+CPIN=\"2468\"") == 0);
}

TEST_CASE("PIN: which card it is") {
  struct Case {
    Special special;
    std::string card;
  };
  const Case cases[] = {
      {{{"AT+CCID", "\n+CCID: 8949010000000000123\n\nOK\n"}}, "iccid:8949010000000000123"},
      {{{"AT+CCID", "\n8949010000000000123F\n\nOK\n"}}, "iccid:8949010000000000123"},
      {{{"AT^ICCID?", "\n^ICCID: \"989410000000000010F2\"\n\nOK\n"}}, "iccid:8949010000000000012"},
      {{{"AT+CRSM=176,12258,0,0,10", "\n+CRSM: 144,0,\"981099000000000010F2\"\n\nOK\n"}},
       "iccid:8901990000000000012"},
      {{{"AT+CIMI", "\n262011234567890\n\nOK\n"}}, "imsi:262011234567890"},
      {{{"AT+CIMI", "\n+CME ERROR: 11\n"}}, "imei:350000000000801"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.card);
    Notebook notebook;
    notebook.allows = false;
    ScriptedModem modem(modem_script(with_unknown(each.special)));
    CHECK(open_with(modem.device(), notebook).code == Errc::denied);
    CHECK(notebook.card.card == each.card);
    CHECK(notebook.card.modem == "imei:350000000000801");
  }
}

TEST_CASE("PIN: the last try is left to a person") {
  const Special lasts[] = {{{"AT+CPINR=\"SIM PIN\"", "\n+CPINR: SIM PIN,1,3\n\nOK\n"}},
                           {{"AT^CPIN?", "\n^CPIN: SIM PIN,1,10,1,10,3\n\nOK\n"}},
                           {{"AT+QPINC=\"SC\"", "\n+QPINC: \"SC\",1,10\n\nOK\n"}},
                           {{"AT+SPIC", "\n+SPIC: 1,10,0,10\n\nOK\n"}},
                           {{"AT#PCT", "\n#PCT: 1\n\nOK\n"}}};
  for (const Special& last : lasts) {
    CAPTURE(last.begin()->first);
    Notebook notebook;
    ScriptedModem modem(modem_script(with_unknown(last)));
    const Error error = open_with(modem.device(), notebook);
    CHECK(error.code == Errc::denied);
    CHECK(error.message.find("1 try left") != std::string::npos);
    CHECK(notebook.lines.empty());
    CHECK(modem.count("AT+CPIN=\"2468\"") == 0);
  }
}
