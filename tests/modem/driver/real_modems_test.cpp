// Bringing up what real modems are: every exchange here was seen by somebody, on hardware that nobody can be
// sent to buy. A function plays the modem, because no well-behaved simulator would.
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "modem/port/serial_port.h"
#include "modem/port/usb_ports.h"
#include "tests/modem/modem_helpers.h"
#include "tests/modem/scripted_modem.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;

namespace {

using Special = std::map<std::string, std::string>;
const std::string kPdu = to_hex(deliver_pdu());

Error open_error(const ModemOptions& options) {
  auto modem = SerialModem::open(options);
  REQUIRE_FALSE(modem);
  return modem.error();
}

}  // namespace

TEST_CASE("opening: not a modem") {
  ScriptedModem silent([](const std::string&) { return std::string(); });
  const Error error = open_error(impatient(options_for(silent.device())));
  CHECK(error.code == Errc::unsupported);
  CHECK(error.message ==
        "not a modem: " + silent.device() + ": no answer to AT (is this a modem's AT port?)");
}

TEST_CASE("opening: serial:auto without a stick") {
  if (!list_usb_serial_ports().empty()) return;  // a desk with hardware; nothing is written to it from here
  ModemOptions options;
  options.url = "serial:auto";
  const Error error = open_error(options);
  CHECK(error.code == Errc::not_found);
  CHECK(error.retryable());
  CHECK(error.message.starts_with("no modem found on USB"));
}

TEST_CASE("opening: a url that names no port") {
  ModemOptions options;
  options.url = "/dev/ttyUSB0";
  CHECK(open_error(options).code == Errc::bad_input);
  options.url = "pty:/dev/pts/99999";
  CHECK(open_error(options).code == Errc::not_found);
}

TEST_CASE("opening: garbage and boot chatter before the first answer") {
  int probes = 0;
  ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
    if (line == "AT" && ++probes < 3)
      return std::string(3, '\0') + framed("\xff\nRDY\n+CPIN: READY\n*ATREADY: 1\n");
    return script(line);
  });
  auto options = options_for(modem.device());
  options.timeouts.probe = milliseconds(100);
  const auto driver = open_modem(options);
  CHECK(driver->settings().cnmi == "2,1,0,1,0");
  // The boot was the one we waited for: nobody need bring the modem up again.
  CHECK(driver->wait(steady_now() + milliseconds(30))->empty());
}

TEST_CASE("opening: the URC stands before the echo, and the echo never stops (Huawei E1752)") {
  ScriptedModem modem([script = modem_script({{"AT+CGMI", "\nhuawei\n\nOK\n"}})](const std::string& line) {
    return line == "ESC" ? script(line) : "^SRVST:0\r\n" + line + "\r" + script(line) + "^RSSI:14\r\n";
  });
  const auto driver = open_modem(options_for(modem.device()));
  CHECK(driver->identity().manufacturer == "huawei");
  CHECK(driver->identity().family == "huawei");
  CHECK(driver->identity().imei == "490154203237518");
  CHECK(modem.count("AT^CURC=0") == 1);
  CHECK(driver->settings().receive_storage == "SM");
}

TEST_CASE("opening: errors ignored, verbose, and odd numbers") {
  ScriptedModem modem(modem_script({{"AT+CSMS=0", "\n+CME ERROR: 15790320\n"},
                                    {"AT+CSCS=\"GSM\"", "\nCOMMAND NOT SUPPORT\n"},
                                    {"AT+CMEE=1", "\nERROR\n"},
                                    {"AT+COPS=3,0", "\nCOMMAND NO RESPONSE!\n"},
                                    {"AT+CIMI", "\n+CME ERROR: SIM busy\n"}}));
  CHECK(open_modem(options_for(modem.device())));
}

TEST_CASE("opening: a modem without SMS says so") {
  ScriptedModem modem(modem_script({{"AT+CMGF=0", "\nERROR\n"}}));
  const Error error = open_error(options_for(modem.device()));
  CHECK(error.code == Errc::unsupported);
  CHECK(error.message.find("PDU mode is refused") != std::string::npos);
  ScriptedModem odd(modem_script({{"AT+CMGF=0", "\n+CME ERROR: 3517\n"}}));
  CHECK(open_error(options_for(odd.device())).code == Errc::unsupported);
}

TEST_CASE("opening: unplugged at any step") {
  ScriptedModem complete(modem_script({}));
  open_modem(options_for(complete.device()));
  const auto steps = complete.lines();
  REQUIRE(steps.size() > 10);
  for (std::size_t step = 0; step < steps.size(); ++step) {
    CAPTURE(steps[step]);
    std::size_t seen = 0;
    ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
      return seen++ == step ? kHangUp : script(line);
    });
    auto driver = SerialModem::open(options_for(modem.device()));
    if (!driver)
      CHECK(driver.error().code == Errc::disconnected);
    else
      CHECK(driver.value()->wait(steady_now() + seconds(1)).error().code == Errc::disconnected);
  }
}

TEST_CASE("opening: a modem that falls silent half-way is given up soon") {
  ScriptedModem modem([dead = false, script = modem_script({})](const std::string& line) mutable {
    dead = dead || line == "AT+CGMI";
    return dead ? std::string() : script(line);
  });
  CHECK(open_error(impatient(options_for(modem.device()))).code == Errc::timeout);
}

TEST_CASE("radio: switched on where it starts in flight mode (D-Link DWM-157)") {
  ScriptedModem modem(in_turn("AT+CFUN?", {"\n+CFUN: 4\n\nOK\n", "\n+CFUN: 1\n\nOK\n"}));
  open_modem(options_for(modem.device()));
  CHECK(modem.count("AT+CFUN=1") == 1);
}

TEST_CASE("SIM: READY without a final result (Wavecom)") {
  ScriptedModem modem(modem_script({{"AT+CPIN?", "\n+CPIN: READY\n"}}));
  CHECK(open_modem(options_for(modem.device())));
}

TEST_CASE("SIM: busy for a while, in every wording") {
  ScriptedModem modem(in_turn("AT+CPIN?", {"\n+CME ERROR: 14\n", "\n+CME ERROR: SIM busy\n",
                                           "\n+CME ERROR: 515\n", "\n+CPIN: READY\n\nOK\n"}));
  CHECK(open_modem(options_for(modem.device())));
  ScriptedModem centre(
      in_turn("AT+CSCA?", {"\n+CME ERROR: 14\n", "\n+CME ERROR: 14\n", "\n+CSCA: \"+4917\",145\n\nOK\n"}));
  CHECK(open_modem(options_for(centre.device()))->settings().smsc == "+4917");
}

TEST_CASE("SIM: none in the slot") {
  for (const char* answer : {"\n+CME ERROR: 10\n", "\n+CME ERROR: SIM not inserted\n", "\nERROR\n"}) {
    CAPTURE(answer);
    ScriptedModem modem(modem_script({{"AT+CPIN?", answer}}));
    const Error error = open_error(options_for(modem.device()));
    CHECK(error.code == Errc::not_found);
    CHECK(error.message.find("no SIM card") != std::string::npos);
  }
}

TEST_CASE("SIM: blocked or locked to a phone is told plainly") {
  ScriptedModem puk(modem_script({{"AT+CPIN?", "\n+CPIN: SIM PUK\n\nOK\n"}}));
  CHECK(open_error(options_for(puk.device())).message.find("PUK") != std::string::npos);
  ScriptedModem locked(modem_script({{"AT+CPIN?", "\n+CPIN: PH-NET PIN\n\nOK\n"}}));
  CHECK(open_error(options_for(locked.device())).message.find("PH-NET PIN") != std::string::npos);
  CHECK(open_error(options_for(locked.device())).code == Errc::denied);
}

TEST_CASE("PIN: OK, then READY later (SIM800)") {
  int asked = 0;
  bool entered = false;
  ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
    if (line == "AT+CPIN=\"0000\"") {
      entered = true;
      return framed("\nOK\n");
    }
    if (line != "AT+CPIN?") return script(line);
    if (!entered || ++asked < 3) return framed("\n+CPIN: SIM PIN\n\nOK\n");
    return asked < 5 ? framed("\n+CME ERROR: SIM busy\n") : framed("\n+CPIN: READY\n\nOK\n");
  });
  auto options = options_for(modem.device());
  options.pin = "0000";
  open_modem(options);
  CHECK(modem.count("AT+CPIN=\"0000\"") == 1);
}

TEST_CASE("PIN: a refused one is never tried again, whatever happens to the modem") {
  const Special wrong = {{"AT+CPIN?", "\n+CPIN: SIM PIN\n\nOK\n"},
                         {"AT+CPIN=\"9990\"", "\n+CME ERROR: 16\n"},
                         {"AT+CGSN", "\n350000000000991\n\nOK\n"}};
  for (int run = 0; run < 3; ++run) {
    ScriptedModem modem(modem_script(wrong));
    auto options = options_for(modem.device());
    options.pin = "9990";
    const Error error = open_error(options);
    CHECK(error.code == Errc::denied);
    CHECK_FALSE(error.retryable());
    CHECK(error.message.find("9990") == std::string::npos);
    CHECK(modem.count("AT+CPIN=\"9990\"") == (run == 0 ? 1 : 0));
  }
}

TEST_CASE("PIN: one without an answer counts as tried") {
  const Special mute = {{"AT+CPIN?", "\n+CPIN: SIM PIN\n\nOK\n"},
                        {"AT+CPIN=\"9991\"", ""},
                        {"AT+CGSN", "\n350000000000992\n\nOK\n"}};
  for (int run = 0; run < 2; ++run) {
    ScriptedModem modem(modem_script(mute));
    auto options = impatient(options_for(modem.device()));
    options.pin = "9991";
    CHECK_FALSE(SerialModem::open(options));
    CHECK(modem.count("AT+CPIN=\"9991\"") == (run == 0 ? 1 : 0));
  }
}

TEST_CASE("PIN: asked for and not configured, or not a PIN at all") {
  ScriptedModem modem(modem_script({{"AT+CPIN?", "\n+CPIN: SIM PIN\n\nOK\n"}}));
  auto options = options_for(modem.device());
  CHECK(open_error(options).message.find("pin_file") != std::string::npos);
  options.pin = "12\"34";
  CHECK(open_error(options).code == Errc::bad_input);
  for (const auto& line : modem.lines()) CHECK_FALSE(line.starts_with("AT+CPIN="));
}

TEST_CASE("storages: only three arguments (Brovi), only two or one (Wavecom)") {
  const char* accepted[] = {"AT+CPMS=\"SM\",\"SM\",\"SM\"", "AT+CPMS=\"SM\",\"SM\"", "AT+CPMS=\"SM\""};
  for (const char* form : accepted) {
    CAPTURE(form);
    ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
      if (line.starts_with("AT+CPMS=\"") && line != form) return framed("\nERROR\n");
      return script(line);
    });
    CHECK(open_modem(options_for(modem.device()))->settings().receive_storage == "SM");
    CHECK(modem.count(form) == 1);
  }
}

TEST_CASE("storages: none can be selected, so the modem's own are used") {
  ScriptedModem modem(
      [&, script = modem_script({{"AT+CPMS?", "\n+CPMS: \"ME\",0,50,\"ME\",0,50,\"ME\",0,50\n\nOK\n"}})](
          const std::string& line) {
        return line.starts_with("AT+CPMS=") ? framed("\nERROR\n") : script(line);
      });
  const auto driver = open_modem(options_for(modem.device()));
  CHECK(driver->settings().receive_storage == "ME");
  CHECK(driver->list_messages()->empty());
  CHECK(driver->read_message({"SM", 1}).error().code == Errc::unsupported);
}

TEST_CASE("storages: an answer to +CPMS without OK") {
  ScriptedModem modem(modem_script({{"AT+CPMS=\"SM\",\"SM\",\"SM\"", "\n+CPMS: 0,30,0,30,0,30\n"}}));
  CHECK(open_modem(options_for(modem.device()))->settings().receive_storage == "SM");
}

TEST_CASE("storages: a scan changes mem1 only, and ends on the receive storage") {
  ScriptedModem modem(modem_script({{"AT+CPMS?", "\n+CPMS: \"ME\",0,50,\"SM\",0,30,\"ME\",0,50\n\nOK\n"}}));
  const auto driver = open_modem(options_for(modem.device()));
  REQUIRE(driver->list_messages());
  REQUIRE(driver->read_message({"SM", 2}));
  REQUIRE(driver->read_message({"ME", 2}));
  REQUIRE(driver->list_messages());
  std::string last;
  for (const std::string& line : modem.lines()) {
    if (!line.starts_with("AT+CPMS=\"")) continue;
    CHECK(line.ends_with(",\"ME\""));
    last = line;
  }
  CHECK(last == "AT+CPMS=\"ME\",\"ME\",\"ME\"");
}

TEST_CASE("storages: MT is listed where its halves cannot be") {
  ScriptedModem modem(
      [script =
           modem_script({{"AT+CPMS?", "\n+CPMS: \"MT\",1,80,\"MT\",1,80,\"MT\",1,80\n\nOK\n"},
                         {"AT+CMGL=4", "\n+CMGL: 3,1,,30\n" + kPdu + "\n\nOK\n"}})](const std::string& line) {
        return line.starts_with("AT+CPMS=\"SM\"") ? framed("\n+CMS ERROR: 302\n") : script(line);
      });
  const auto driver = open_modem(options_for(modem.device()));
  for (int times = 0; times < 2; ++times) {
    const auto messages = driver->list_messages();
    REQUIRE(messages);
    REQUIRE(messages->size() == 1);
    CHECK(messages->front().slot == Slot{"MT", 3});
  }
}

TEST_CASE("indications: the ladder, until something takes and shows effect") {
  struct Case {
    const char* name;
    Special special;
    std::string settled;
    bool reports;
  };
  const Case cases[] = {
      {"as offered", {}, "2,1,0,1,0", true},
      {"advertised and refused",
       {{"AT+CNMI=2,1,0,1,0", "\n+CMS ERROR: 303\n"}, {"AT+CNMI?", "\n+CNMI: 2,1,0,2,0\n\nOK\n"}},
       "2,1,0,2,0",
       false},
      {"no reports at all",
       {{"AT+CNMI=?", "\n+CNMI: (2),(0-1,3),(0,2),(0),(0)\n\nOK\n"},
        {"AT+CNMI?", "\n+CNMI: 2,1,0,0,0\n\nOK\n"}},
       "2,1,0,0,0",
       false},
      {"fifth value must be 1 (MC75i)",
       {{"AT+CNMI=?", "\n+CNMI: (0,1,2),(0,1),(0,2),(0,1),(1)\n\nOK\n"},
        {"AT+CNMI=2,1,0,1,0", "\nERROR\n"},
        {"AT+CNMI?", "\n+CNMI: 2,1,0,1,1\n\nOK\n"}},
       "2,1,0,1,1",
       true},
      {"list of values refused, settings not", {{"AT+CNMI=?", "\nERROR\n"}}, "2,1,0,1,0", true},
      {"cannot be read back", {{"AT+CNMI?", "\nERROR\n"}}, "2,1,0,1,0", true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    ScriptedModem modem(modem_script(c.special));
    const auto driver = open_modem(options_for(modem.device()));
    CHECK(driver->settings().cnmi == c.settled);
    CHECK(driver->settings().announces_messages);
    CHECK(driver->settings().announces_reports == c.reports);
  }
}

TEST_CASE("indications: a modem that knows two values only is asked with two") {
  for (const char* form : {"AT+CNMI=2,1", "AT+CNMI=1,1"}) {
    ScriptedModem modem([&, script = modem_script({{"AT+CNMI?", "\nERROR\n"}})](const std::string& line) {
      return line.starts_with("AT+CNMI=") && line != "AT+CNMI=?" && line != form ? framed("\nERROR\n")
                                                                                 : script(line);
    });
    CHECK(open_modem(options_for(modem.device()))->settings().announces_messages);
    CHECK(modem.count(form) == 1);
  }
}

TEST_CASE("indications: accepted without effect is not accepted; then the owner must list") {
  ScriptedModem modem(modem_script({{"AT+CNMI?", "\n+CNMI: 2,0,0,0,0\n\nOK\n"}}));
  const auto driver = open_modem(options_for(modem.device()));
  CHECK_FALSE(driver->settings().announces_messages);
  CHECK(driver->settings().cnmi.empty());
  CHECK(modem.count("AT+CNMI=1,1,0,0,0") == 1);
}

TEST_CASE("service centre: set when configured and different") {
  ScriptedModem modem(modem_script({}));
  auto options = options_for(modem.device());
  options.smsc = "+12025550199";
  CHECK(open_modem(options)->settings().smsc == "+12025550199");
  CHECK(modem.count("AT+CSCA=\"+12025550199\",145") == 1);

  ScriptedModem same(modem_script({}));
  options = options_for(same.device());
  options.smsc = "+491710760000";
  open_modem(options);
  for (const auto& line : same.lines()) CHECK_FALSE(line.starts_with("AT+CSCA="));

  options.smsc = "+1\",145\rAT+CFUN=0";
  CHECK(open_error(options).code == Errc::bad_input);
}

TEST_CASE("PIN: PIN2 and PUK2 guard settings and no text") {
  for (const char* answer :
       {"\n+CPIN: SIM PIN2\n\nOK\n", "\n+CPIN: SIM PUK2\n\nOK\n", "\n+CME ERROR: 18\n"}) {
    CAPTURE(answer);
    ScriptedModem modem(modem_script({{"AT+CPIN?", answer}}));
    open_modem(options_for(modem.device()));
  }
}

TEST_CASE("service centre: one that differs only by its plus is not written again") {
  for (const char* told :
       {"\n+CSCA: \"491710760000\",129\n\nOK\n", "\n+CSCA: \"+491710760000\",145\n\nOK\n"}) {
    for (const char* configured : {"+491710760000", "491710760000"}) {
      ScriptedModem modem(modem_script({{"AT+CSCA?", told}}));
      auto options = options_for(modem.device());
      options.smsc = configured;
      open_modem(options);
      for (const auto& line : modem.lines()) CHECK_FALSE(line.starts_with("AT+CSCA="));
    }
  }
}

TEST_CASE("opening: whatever answers a bare AT is an AT interpreter, and it is not asked without a pause") {
  ScriptedModem refusing([script = modem_script({})](const std::string& line) {
    return line == "AT" ? framed("\nERROR\n") : script(line);
  });
  open_modem(options_for(refusing.device()));
  CHECK(refusing.count("AT") == 1);
  // Two results to each AT: never clean, and never silent either.
  ScriptedModem muddled(
      [](const std::string& line) { return line == "AT" ? framed("\nOK\n\nOK\n") : std::string(); });
  auto options = impatient(options_for(muddled.device()));
  options.timeouts.open = seconds(1);
  CHECK(open_error(options).code == Errc::unsupported);
  CHECK(muddled.count("AT") <= 6);
}
