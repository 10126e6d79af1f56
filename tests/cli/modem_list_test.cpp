// `pigeon modem list` on made-up sticks: what each port is, why it is or is not usable, and the words for it.
#include "cli/modem_list.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <sstream>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/paragraph.h"
#include "tests/modem/made_up_usb.h"

using namespace pigeon;
using cli::ModemSurvey;
using cli::Surroundings;
using modem::Cause;

namespace {

// Sticks whose ports are files, which answer as a test says.
class Sticks {
 public:
  Sticks() {
    around.may_open = [](const std::string&) { return true; };
    around.ask = [this](const modem::PortAddress& address) -> Result<void> {
      asked.push_back(address.path);
      return answer;
    };
  }

  // A stick with the interfaces 0 to `ports` - 1, whose ttys are called ttyUSB<first>….
  void plug_in(const std::string& usb_path, const std::string& vendor, const std::string& product, int ports,
               int first = 0) {
    usb.plug_in(usb_path, vendor, product);
    for (int i = 0; i < ports; ++i) {
      const std::string tty = "ttyUSB" + std::to_string(first + i);
      const Fd made(::open(file(tty).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
      usb.add_port(usb_path, i, tty, file(tty));
    }
  }
  void configure(const std::string& name, const std::string& url) {
    around.modems.emplace_back();
    around.modems.back().name = name;
    around.modems.back().url = url;
  }
  // This process holds the port, as pigeond would.
  void hold(const std::string& tty) {
    held.emplace_back(::open(file(tty).c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(::flock(held.back().get(), LOCK_EX | LOCK_NB) == 0);
  }
  void daemon_says(const std::string& name, const std::string& tty, bool ready, const std::string& detail) {
    around.daemon_running = true;
    around.daemon_program = "cli_tests";
    store::ModemState state;
    state.name = name;
    state.device = file(tty);
    state.ready = ready;
    state.detail = detail;
    state.model = "E3372";
    around.states.push_back(state);
  }
  [[nodiscard]] std::string file(const std::string& tty) const { return folder.file(tty); }
  [[nodiscard]] ModemSurvey survey() {
    around.usb = usb.tree();
    return cli::survey_modems(around);
  }

  test::TempFolder folder;
  test::MadeUpUsb usb;
  Surroundings around;
  Result<void> answer;
  std::vector<std::string> asked;
  std::vector<Fd> held;
};

const cli::SurveyedPort& port_of(const ModemSurvey& survey, const std::string& tty) {
  for (const cli::SurveyedPort& port : survey.ports)
    if (port.candidate.device.ends_with(tty)) return port;
  FAIL("no port " << tty);
  return survey.ports.front();
}

std::string text_of(const ModemSurvey& survey) {
  const std::string text = cli::to_text(survey, false);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(columns(line) <= 80, line);
  return text;
}

}  // namespace

TEST_CASE("modem list: without a daemon the first AT port of a stick that answers is the modem") {
  Sticks sticks;
  sticks.plug_in("1-1", "2c7c", "0125", 4);
  const ModemSurvey survey = sticks.survey();
  CHECK(survey.fine());
  CHECK(survey.usable() == 1);
  CHECK(port_of(survey, "ttyUSB2").usable);
  CHECK((port_of(survey, "ttyUSB3").cause == Cause::second_port));
  CHECK((port_of(survey, "ttyUSB0").cause == Cause::other_port));
  CHECK(sticks.asked.size() == 1);
  const std::string text = text_of(survey);
  CHECK(text.find("✓") < text.find("·"));
  CHECK(text.find("1 usable modem. pigeond does not run.") != std::string::npos);
  CHECK(text.find("→") == std::string::npos);
}

TEST_CASE("modem list: a port that is refused is told with its cause and the next is asked") {
  struct Case {
    Errc code;
    Cause cause;
  };
  for (const Case& c : {Case{Errc::unsupported, Cause::no_answer}, Case{Errc::denied, Cause::no_permission},
                        Case{Errc::conflict, Cause::port_in_use}}) {
    Sticks sticks;
    sticks.plug_in("1-1", "2c7c", "0125", 4);
    sticks.answer = fail(c.code, "it says no");
    const ModemSurvey survey = sticks.survey();
    CHECK_FALSE(survey.fine());
    CHECK(sticks.asked.size() == 2);
    for (const char* tty : {"ttyUSB2", "ttyUSB3"}) CHECK((port_of(survey, tty).cause == c.cause));
    const std::string text = text_of(survey);
    CHECK(text.find("! ") == 0);
    CHECK(text.find("it says no") != std::string::npos);
    CHECK(text.find("    → ") != std::string::npos);
    CHECK(text.find("No usable modem.") != std::string::npos);
    const cli::Json json = cli::to_json(survey);
    CHECK(json["ports"][0]["cause"] == std::string(modem::words_of(c.cause).word));
    CHECK(json["fine"] == false);
  }
}

TEST_CASE("modem list: beside a daemon nothing is opened and the port's holder is named") {
  for (const bool ready : {true, false}) {
    Sticks sticks;
    sticks.plug_in("1-1", "2c7c", "0125", 4);
    sticks.plug_in("1-2", "12d1", "1506", 1, 4);
    sticks.configure("main", "serial:auto");
    sticks.hold("ttyUSB3");
    sticks.daemon_says("main", "ttyUSB3", ready, ready ? "" : "the SIM is blocked");
    const ModemSurvey survey = sticks.survey();
    CHECK(sticks.asked.empty());
    const auto& held = port_of(survey, "ttyUSB3");
    REQUIRE(held.holder);
    CHECK(held.holder->pid == ::getpid());
    CHECK(held.modem == "main");
    CHECK(held.usable == ready);
    CHECK((port_of(survey, "ttyUSB2").cause == Cause::second_port));
    const auto& free = port_of(survey, "ttyUSB4");
    CHECK_FALSE(free.usable);
    CHECK_FALSE(free.cause);
    CHECK(survey.fine() == ready);
    const std::string text = text_of(survey);
    CHECK((text.find("the SIM is blocked") == std::string::npos) == ready);
    CHECK(text.find("(process " + std::to_string(::getpid()) + ")") != std::string::npos);
    CHECK(cli::to_json(survey)["ports"][0]["holder"].is_null());
  }
}

TEST_CASE("modem list: the port on which pigeond sends is called so and is no second modem") {
  for (const bool written : {true, false}) {
    CAPTURE(written);
    Sticks sticks;
    sticks.plug_in("1-1", "2c7c", "0125", 4);
    sticks.configure("main", "serial:auto");
    sticks.hold("ttyUSB2");
    sticks.hold("ttyUSB3");
    // Where it has written something down, it reads on the later one.
    sticks.daemon_says("main", "ttyUSB3", true, "");
    if (!written) sticks.around.states.clear();
    const ModemSurvey survey = sticks.survey();
    CHECK(survey.usable() == 1);
    CHECK(port_of(survey, "ttyUSB3").usable == written);
    const auto& second = port_of(survey, written ? "ttyUSB2" : "ttyUSB3");
    CHECK((second.cause == Cause::second_port));
    const std::string text = text_of(survey);
    CHECK(text.find("second AT port, on which pigeond sends") != std::string::npos);
    CHECK(text.find("1 usable modem.") != std::string::npos);
    CHECK(text.find("→") == std::string::npos);
  }
}

TEST_CASE("modem list: another program on the port is named and the port is not opened") {
  Sticks sticks;
  sticks.plug_in("1-1", "12d1", "1506", 1);
  sticks.hold("ttyUSB0");
  const ModemSurvey survey = sticks.survey();
  CHECK(sticks.asked.empty());
  CHECK((port_of(survey, "ttyUSB0").cause == Cause::port_in_use));
  CHECK(text_of(survey).find("ModemManager") != std::string::npos);
}

TEST_CASE("modem list: beside a daemon, another program on its modem's port is named with the cure") {
  Sticks sticks;
  sticks.plug_in("1-1", "12d1", "1506", 1);
  sticks.configure("main", "serial:auto");
  sticks.hold("ttyUSB0");
  sticks.daemon_says("main", "ttyUSB0", false, "in use by another program");
  sticks.around.daemon_program = "pigeond";  // so that this process is another
  const ModemSurvey survey = sticks.survey();
  CHECK_FALSE(survey.fine());
  CHECK((port_of(survey, "ttyUSB0").cause == Cause::port_in_use));
  const std::string text = text_of(survey);
  CHECK(text.find("held by cli_tests (process " + std::to_string(::getpid()) + ")") != std::string::npos);
  CHECK(text.find("→ stop it") != std::string::npos);
  CHECK(text.find("pigeond does not get it ready") == std::string::npos);
}

TEST_CASE("modem list: what is no modem is told and opened only if it is named") {
  Sticks sticks;
  sticks.plug_in("1-1", "1546", "01a7", 1);  // a GPS receiver
  sticks.usb.plug_in("1-2", "12d1", "14dc");
  sticks.usb.plug_in("1-3", "12d1", "1f01");
  const ModemSurvey none = sticks.survey();
  CHECK(sticks.asked.empty());
  CHECK_FALSE(none.fine());
  const std::string text = text_of(none);
  for (const char* words : {"HiLink", "usb-modeswitch", "never opened", "(no port)"})
    CHECK_MESSAGE(text.find(words) != std::string::npos, text);
  sticks.configure("odd", "serial:" + sticks.file("ttyUSB0") + "?baud=9600");
  const ModemSurvey named = sticks.survey();
  CHECK(named.fine());
  CHECK(port_of(named, "ttyUSB0").modem == "odd");
  CHECK(sticks.asked == std::vector<std::string>{sticks.file("ttyUSB0")});
}

TEST_CASE("modem list: a configured port that is not there or may not be opened is missed") {
  Sticks sticks;
  sticks.plug_in("1-1", "12d1", "1506", 1);
  sticks.configure("main", "serial:auto");
  sticks.configure("second", "serial:" + sticks.file("gone"));
  const ModemSurvey survey = sticks.survey();
  CHECK(survey.usable() == 1);
  CHECK_FALSE(survey.fine());
  REQUIRE(survey.missing.size() == 1);
  CHECK(survey.missing[0].name == "second");
  CHECK((port_of(survey, "gone").cause == Cause::port_absent));
  const std::string text = text_of(survey);
  CHECK(text.find("modem second: ") != std::string::npos);
  CHECK(text.find("modem second  ") == std::string::npos);  // said once

  sticks.around.modems.pop_back();
  sticks.around.may_open = [](const std::string&) { return false; };
  sticks.asked.clear();
  const ModemSurvey locked = sticks.survey();
  CHECK((port_of(locked, "ttyUSB0").cause == Cause::no_permission));
  CHECK(sticks.asked.empty());
  CHECK(text_of(locked).find("sudo") != std::string::npos);
}

TEST_CASE("modem list: an empty box is told what to do") {
  Sticks sticks;
  const ModemSurvey survey = sticks.survey();
  CHECK_FALSE(survey.fine());
  CHECK(text_of(survey).find("→ plug a stick in") != std::string::npos);
  CHECK(cli::to_json(survey)["ports"].empty());
}
