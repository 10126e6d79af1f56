// What opening a modem costs: as few commands as it needs, no silence that is waited out, and no write of
// what is written already, for many modems keep each in their flash.
#include <doctest/doctest.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/modem/sim_modem.h"
#include "tests/modem/modem_helpers.h"
#include "tests/modem/scripted_modem.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;
using pigeon::sim::Intervention;
using pigeon::sim::SimModem;

namespace {

bool changes_something(std::string_view line) {
  return (line.find('=') != std::string_view::npos && !line.ends_with("=?")) || line.starts_with("ATE") ||
         line.find('&') != std::string_view::npos;
}

// A simulated modem that is opened again and again, and what it was told.
struct Opening {
  SimModem sim;
  ModemOptions options = options_for(sim.device());
  std::vector<std::string> lines;
  std::mutex mutex;

  explicit Opening(sim::SimModemOptions kind = {})
      : sim(std::move(kind)), options(options_for(sim.device())) {
    sim.before_command([this](std::string_view line) {
      const std::lock_guard lock(mutex);
      lines.emplace_back(line);
      return Intervention{};
    });
  }
  ~Opening() { sim.before_command({}); }
  Opening(const Opening&) = delete;
  Opening& operator=(const Opening&) = delete;

  std::vector<std::string> open() {
    {
      const std::lock_guard lock(mutex);
      lines.clear();
    }
    CHECK(open_modem(options)->settings().announces_messages);
    const std::lock_guard lock(mutex);
    return lines;
  }
};

}  // namespace

TEST_CASE("opening: a modem that is right already is told nothing and asked little") {
  Opening desk;
  const auto first = desk.open();
  CHECK(std::count_if(first.begin(), first.end(), changes_something) == 4);  // E0, CMEE, CSCS, CNMI
  const auto second = desk.open();
  for (const std::string& line : second) {
    CAPTURE(line);
    CHECK_FALSE(changes_something(line));
  }
  CHECK(second.size() <= 15);
}

TEST_CASE("opening: no silence is waited out") {
  Opening desk;
  desk.options.timeouts.open = seconds(60);
  desk.options.timeouts.probe = seconds(30);  // no silence is longer
  desk.options.timeouts.quiet = seconds(30);
  desk.options.timeouts.unfinished = seconds(30);
  desk.options.timeouts.retry = seconds(30);
  const SteadyTime begun = steady_now();
  desk.open();
  desk.open();
  CHECK(steady_now() - begun < seconds(20));
}

TEST_CASE("opening: each setting that is not right is written, and that one only") {
  struct Case {
    std::string question, answer, written;
  };
  const Case cases[] = {
      {"AT+CMEE?", "+CMEE: 0", "AT+CMEE=1"},
      {"AT+CSCS?", "+CSCS: \"UCS2\"", "AT+CSCS=\"GSM\""},
      {"AT+CMGF?", "+CMGF: 1", "AT+CMGF=0"},
      {"AT+CPMS?", "+CPMS: \"ME\",0,30,\"SM\",0,30,\"SM\",0,30", "AT+CPMS=\"SM\",\"SM\",\"SM\""},
      {"AT+CPMS?", "+CPMS: \"SM\",0,30,\"ME\",0,30,\"SM\",0,30", "AT+CPMS=\"SM\",\"SM\",\"SM\""},
      {"AT+CNMI?", "+CNMI: 2,2,0,0,0", "AT+CNMI=2,1,0,1,0"},
      {"AT+CSCA?", "+CSCA: \"+491710000001\",145", "AT+CSCA=\"+491710760000\",145"},
  };
  for (const Case& wrong : cases) {
    CAPTURE(wrong.answer);
    ScriptedModem modem([&, is_written = false,
                         script = modem_script({
                             {"AT+CMGF?", "\n+CMGF: 0\n\nOK\n"},
                             {"AT+CNMI?", "\n+CNMI: 2,1,0,1,0\n\nOK\n"},
                             {"AT+CPMS?", "\n+CPMS: \"SM\",0,30,\"SM\",0,30,\"SM\",0,30\n\nOK\n"},
                         })](const std::string& line) mutable {
      is_written = is_written || line == wrong.written;
      return line == wrong.question && !is_written ? framed("\n" + wrong.answer + "\n\nOK\n") : script(line);
    });
    auto options = options_for(modem.device());
    options.smsc = "+491710760000";
    CHECK(open_modem(options)->settings().announces_messages);
    for (const std::string& line : modem.lines()) {
      if (changes_something(line)) CHECK(line == wrong.written);
    }
    CHECK(modem.count(wrong.written) == 1);
  }
}

TEST_CASE("opening: a fifth value of its own and a report that can only be stored are right, too") {
  struct Case {
    const char *name, *known, *current;
    bool reports;
  };
  for (const Case& row : {Case{"fifth value", "(0-2),(0,1),(0,2),(0-2),(1)", "2,1,0,1,1", true},
                          Case{"stored reports", "(0-2),(0,1),(0,2),(0,2),(0)", "2,1,0,2,0", false}}) {
    CAPTURE(row.name);
    ScriptedModem modem(modem_script({
        {"AT+CNMI=?", std::string("\n+CNMI: ") + row.known + "\n\nOK\n"},
        {"AT+CNMI?", std::string("\n+CNMI: ") + row.current + "\n\nOK\n"},
        {"AT+CNMI=2,1,0,1,0", "\n+CMS ERROR: 303\n"},
    }));
    const auto driver = open_modem(options_for(modem.device()));
    CHECK(driver->settings().cnmi == row.current);
    CHECK(driver->settings().announces_reports == row.reports);
    CHECK(modem.count(std::string("AT+CNMI=") + row.current) == 0);
  }
}

TEST_CASE("opening: a maker's own setting is written once") {
  struct Case {
    const char *maker, *question, *answer, *set;
  };
  for (const Case& row : {Case{"huawei", "AT^CURC?", "^CURC: ", "AT^CURC=0"},
                          Case{"ZTE", "AT+ZOPRT?", "+ZOPRT: ", "AT+ZOPRT=5"},
                          Case{"Quectel", "AT+QURCCFG=\"urcport\"", "+QURCCFG: \"urcport\",",
                               "AT+QURCCFG=\"urcport\",\"all\""}}) {
    CAPTURE(row.maker);
    for (const bool is_set : {false, true}) {
      CAPTURE(is_set);
      const std::string set = row.set;
      const std::string right = set.substr(set.find_last_of("=,") + 1);
      ScriptedModem modem(modem_script({
          {"AT+CGMI", std::string("\n") + row.maker + "\n\nOK\n"},
          {row.question, std::string("\n") + row.answer + (is_set ? right : "9") + "\n\nOK\n"},
      }));
      REQUIRE(open_modem(options_for(modem.device())));
      CHECK(modem.count(set) == (is_set ? 0 : 1));
    }
  }
}

TEST_CASE("opening: a modem that selects no storage is read as it is, also when that shows late") {
  ScriptedModem modem([script = modem_script({
                           {"AT+CPMS?", "\n+CPMS: \"SM\",0,30,\"SM\",0,30,\"SM\",0,30\n\nOK\n"},
                           {"AT+CMGR=1", "\n+CMGR: 0,,30\n" + to_hex(deliver_pdu()) + "\n\nOK\n"},
                       })](const std::string& line) mutable {
    return line.starts_with("AT+CPMS=\"") ? framed("\n+CMS ERROR: 302\n") : script(line);
  });
  const auto driver = open_modem(options_for(modem.device()));
  REQUIRE(driver->list_messages());  // asks for ME, which shows it
  const auto message = driver->read_message({"SM", 1});
  REQUIRE(message);
  CHECK(*message);
}

TEST_CASE("opening: a result that is older than the port is nobody's answer") {
  // The modem was busy with another program's command when the port was opened.
  ScriptedModem modem([first = true, script = modem_script({})](const std::string& line) mutable {
    if (line == "AT" && std::exchange(first, false)) return framed("\n+CMGS: 3\n\nOK\n");
    if (line == "AT+CMEE?") return framed("\nOK\n\n+CMEE: 1\n\nOK\n");
    return script(line);
  });
  const auto driver = open_modem(options_for(modem.device()));
  CHECK(driver->identity().manufacturer == "Scripted");
  CHECK(driver->settings().cnmi == "2,1,0,1,0");
}

TEST_CASE("opening: an empty storage that cannot be listed is opened where the family wants that, once") {
  for (const bool holds_texts : {false, true}) {
    CAPTURE(holds_texts);
    const std::string used = holds_texts ? "1" : "0";
    ScriptedModem modem(modem_script({
        {"AT+CGMI", "\nSierra Wireless, Incorporated\n\nOK\n"},
        {"AT+CGMM", "\nRC7620\n\nOK\n"},
        {"AT+CPMS=?", "\n+CPMS: (\"SM\"),(\"SM\"),(\"SM\")\n\nOK\n"},
        {"AT+CPMS?", "\n+CPMS: \"SM\"," + used + ",30,\"SM\"," + used + ",30,\"SM\"," + used + ",30\n\nOK\n"},
        {"AT+CMGL=4", "\n+CMS ERROR: 321\n"},
        {"AT+CMGR=0", "\n+CMS ERROR: 321\n"},
        {"AT+CMGR=1", "\n+CMGR: 0,,30\n" + to_hex(deliver_pdu()) + "\n\nOK\n"},
    }));
    const auto driver = open_modem(options_for(modem.device()));
    CHECK(driver->identity().family == "sierra-rc76");
    REQUIRE(driver->list_messages());
    CHECK(driver->list_messages()->size() == (holds_texts ? 1 : 0));
    CHECK(modem.count("AT+CMGD=1,4") == (holds_texts ? 0 : 1));
  }
}

TEST_CASE("opening: where only three storages are taken, fewer are not tried") {
  for (const char* maker : {"Brovi", "Scripted"}) {
    CAPTURE(maker);
    ScriptedModem modem([&, script = modem_script({{"AT+CGMI", std::string("\n") + maker + "\n\nOK\n"}})](
                            const std::string& line) mutable {
      return line.starts_with("AT+CPMS=\"") ? framed("\nERROR\n") : script(line);
    });
    open_modem(options_for(modem.device()));
    CHECK(modem.count("AT+CPMS=\"SM\",\"SM\"") == (std::string(maker) == "Brovi" ? 0 : 1));
  }
}

TEST_CASE("opening: a family's chatter is news from that family alone") {
  for (const char* maker : {"Quectel", "huawei"}) {
    CAPTURE(maker);
    ScriptedModem modem(modem_script({{"AT+CGMI", std::string("\n") + maker + "\n\nOK\n"}}));
    const auto driver = open_modem(options_for(modem.device()));
    modem.inject("\r\nRDY\r\n\r\n+CMTI: \"SM\",1\r\n");
    std::vector<Event> all;
    while (all.empty() || all.back().kind != Event::Kind::message_stored) {
      for (Event& event : wait_for_event(*driver)) all.push_back(std::move(event));
    }
    CHECK(all.size() == (std::string(maker) == "Quectel" ? 2 : 1));
  }
}
