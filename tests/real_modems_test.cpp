// The driver against what real modems did: every exchange here was seen by somebody, on hardware that nobody
// can be sent to buy. A function plays the modem, because no well-behaved simulator would.
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "tests/modem_helpers.h"
#include "tests/scripted_modem.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;

namespace {

using Special = std::map<std::string, std::string>;
const std::string kPdu = to_hex(deliver_pdu());
const std::string kOther = to_hex(deliver_pdu(3));
const std::string kUrc = "\r\n+CMTI: \"SM\",4\r\n";

std::vector<Event> wait_for_event(SerialModem& modem) {
  auto events = modem.wait(steady_now() + seconds(3));
  REQUIRE(events);
  return std::move(*events);
}

Error open_error(const ModemOptions& options) {
  auto modem = SerialModem::open(options);
  REQUIRE_FALSE(modem);
  return modem.error();
}

// A script that answers `line` with one answer after the other, the last one for ever.
ScriptedModem::Script in_turn(const std::string& line, std::vector<std::string> answers, Special rest = {}) {
  return [line, answers = std::move(answers), next = std::size_t{0},
          others = modem_script(std::move(rest))](const std::string& heard) mutable {
    if (heard != line) return others(heard);
    const std::string& answer = answers[std::min(next, answers.size() - 1)];
    ++next;
    return framed(answer);
  };
}

}  // namespace

TEST_CASE("opening: not a modem") {
  ScriptedModem silent([](const std::string&) { return std::string(); });
  const Error error = open_error(options_for(silent.device()));
  CHECK(error.code == Errc::unsupported);
  CHECK(error.message ==
        "not a modem: " + silent.device() + ": no answer to AT (is this a modem's AT port?)");
}

TEST_CASE("opening: garbage and boot chatter before the first answer") {
  int probes = 0;
  ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
    if (line == "AT" && ++probes < 3)
      return std::string(3, '\0') + framed("\xff\nRDY\n+CPIN: READY\n*ATREADY: 1\n");
    return script(line);
  });
  const auto driver = open_modem(options_for(modem.device()));
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
  CHECK(open_error(options_for(modem.device())).code == Errc::timeout);
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
    auto options = options_for(modem.device());
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

TEST_CASE("storages: MT shows everything and is listed alone") {
  ScriptedModem modem(modem_script({{"AT+CPMS?", "\n+CPMS: \"MT\",1,80,\"MT\",1,80,\"MT\",1,80\n\nOK\n"},
                                    {"AT+CMGL=4", "\n+CMGL: 3,1,,30\n" + kPdu + "\n\nOK\n"}}));
  const auto driver = open_modem(options_for(modem.device()));
  const auto messages = driver->list_messages();
  REQUIRE(messages);
  REQUIRE(messages->size() == 1);
  CHECK(messages->front().slot == Slot{"MT", 3});
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
  options.smsc = "+15550199";
  CHECK(open_modem(options)->settings().smsc == "+15550199");
  CHECK(modem.count("AT+CSCA=\"+15550199\",145") == 1);

  ScriptedModem same(modem_script({}));
  options = options_for(same.device());
  options.smsc = "+491710760000";
  open_modem(options);
  for (const auto& line : same.lines()) CHECK_FALSE(line.starts_with("AT+CSCA="));

  options.smsc = "+1\",145\rAT+CFUN=0";
  CHECK(open_error(options).code == Errc::bad_input);
}

TEST_CASE("reading: headers of every kind") {
  for (const char* header : {"+CMGR: 1,,30", "+CMGR: 0,\"\",30", "+CMGR: 0,30", "+CMGR: 30", "+CMGR: ,,30",
                             "+CMGR: 4,1,,30", "+CMGR: 1,,38", "+CMGR:1,,30"}) {
    CAPTURE(header);
    ScriptedModem modem(modem_script({{"AT+CMGR=1", std::string("\n") + header + "\n" + kPdu + "\n\nOK\n"}}));
    const auto driver = open_modem(options_for(modem.device()));
    const auto message = driver->read_message({"SM", 1});
    REQUIRE(message);
    REQUIRE(*message);
    CHECK((*message)->pdu == deliver_pdu());
    CHECK((*message)->slot == Slot{"SM", 1});
    CHECK(modem.count("AT+CMGR=1") == 1);
  }
}

TEST_CASE("reading: an empty slot, as modems say it") {
  for (const char* answer :
       {"\nOK\n", "\n+CMS ERROR: 321\n", "\n+CMS ERROR:321\n", "\nERROR\n", "\nERROR\nOK\n",
        "\n+CMGR: 0,,0\n\n\nOK\n", "\n+CMS ERROR: invalid memory index\n"}) {
    CAPTURE(answer);
    ScriptedModem modem(modem_script({{"AT+CMGR=9", answer}}));
    const auto driver = open_modem(options_for(modem.device()));
    const auto message = driver->read_message({"SM", 9});
    REQUIRE(message);
    CHECK_FALSE(message->has_value());
    CHECK(driver->read_message({"SM", 1}));
  }
}

TEST_CASE("reading: what cannot be read is an error or is handed over as it is") {
  ScriptedModem busy(modem_script({{"AT+CMGR=1", "\n+CMS ERROR: 314\n"}}));
  const auto refused = open_modem(options_for(busy.device()))->read_message({"SM", 1});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::busy);
  ScriptedModem odd(modem_script({{"AT+CMGR=1", "\n+CMGR: 1,,30\nABCDE\n\nOK\n"}}));
  const auto message = open_modem(options_for(odd.device()))->read_message({"SM", 1});
  REQUIRE(message);
  REQUIRE(*message);
  CHECK((*message)->pdu == Octets{0xAB, 0xCD});
  CHECK(odd.count("AT+CMGR=1") == 2);
}

TEST_CASE("reading: storage names from outside never reach the line") {
  ScriptedModem modem(modem_script({}));
  const auto driver = open_modem(options_for(modem.device()));
  const auto before = modem.lines().size();
  CHECK(driver->read_message({"SM\";+CFUN=0;\"", 1}).error().code == Errc::bad_input);
  CHECK(driver->delete_message({"", 1}).error().code == Errc::bad_input);
  CHECK(modem.lines().size() == before);
}

TEST_CASE("reading: an unsolicited code at every byte, split into two writes there") {
  const std::string answer = "\r\n+CMGR: 1,,30\r\n" + kPdu + "\r\n\r\nOK\r\n";
  std::string mixed;
  ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
    return line == "AT+CMGR=1" ? mixed : script(line);
  });
  const auto driver = open_modem(options_for(modem.device()));
  for (std::size_t at = 0; at <= answer.size(); ++at) {
    CAPTURE(at);
    mixed = answer.substr(0, at) + kUrc + answer.substr(at);
    const auto message = driver->read_message({"SM", 1});
    REQUIRE(message);
    REQUIRE(*message);
    REQUIRE((*message)->pdu == deliver_pdu());
    const auto events = wait_for_event(*driver);
    REQUIRE(events.size() == 1);
    REQUIRE(events[0].kind == Event::Kind::message_stored);
    REQUIRE(events[0].slot == Slot{"SM", 4});
  }
}

TEST_CASE("reading: a torn answer of the wrong length is read again") {
  ScriptedModem modem(
      in_turn("AT+CMGR=1", {"\n+CMGR: 1,,30\n" + kPdu.substr(0, 30) + "\n+CMTI: \"SM\",2\n\nOK\n",
                            "\n+CMGR: 1,,30\n" + kPdu + "\n\nOK\n"}));
  const auto message = open_modem(options_for(modem.device()))->read_message({"SM", 1});
  REQUIRE(message);
  CHECK((*message)->pdu == deliver_pdu());
}

TEST_CASE("listing: empty in every wording") {
  for (const char* answer : {"\nOK\n", "\n+CMS ERROR: 321\n", "\nERROR\n"}) {
    CAPTURE(answer);
    ScriptedModem modem(modem_script({{"AT+CMGL=4", answer}}));
    const auto messages = open_modem(options_for(modem.device()))->list_messages();
    REQUIRE(messages);
    CHECK(messages->empty());
  }
}

TEST_CASE("listing: SM and ME, unequal headers, noise in between") {
  std::string selected = "SM";
  ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
    if (line.starts_with("AT+CPMS=\"")) selected = line.substr(9, 2);
    if (line != "AT+CMGL=4") return script(line);
    if (selected == "ME") return framed("\n+CMGL: 17,3,30\n" + kOther + "\n\nOK\n");
    return framed("\n+CMGL: 0,1,,30\n" + kPdu + "\n^RSSI:9\n+CMGL: 2,0,\"\",30\n\nRING\n" + kOther +
                  "\n\nOK\n");
  });
  const auto messages = open_modem(options_for(modem.device()))->list_messages();
  REQUIRE(messages);
  REQUIRE(messages->size() == 3);
  CHECK(messages->at(0).slot == Slot{"ME", 17});
  CHECK(messages->at(0).pdu == deliver_pdu(3));
  CHECK(messages->at(1).slot == Slot{"SM", 0});
  CHECK(messages->at(2).slot == Slot{"SM", 2});
  CHECK(selected == "SM");
}

TEST_CASE("listing: a modem that cannot list is read slot by slot, and not for ever") {
  ScriptedModem modem(
      [&, script = modem_script({{"AT+CMGL=4", "\nERROR\n"},
                                 {"AT+CPMS=?", "\n+CPMS: (\"SM\"),(\"SM\"),(\"SM\")\n\nOK\n"},
                                 {"AT+CPMS?", "\n+CPMS: \"SM\",2,10,\"SM\",2,10,\"SM\",2,10\n\nOK\n"},
                                 {"AT+CMGR=0", "\n+CMGR: 1,,30\n" + kPdu + "\n\nOK\n"}})](
          const std::string& line) {
        if (line.starts_with("AT+CMGR=") && line != "AT+CMGR=0") return framed("\n+CMS ERROR:321\n");
        return script(line);
      });
  const auto messages = open_modem(options_for(modem.device()))->list_messages();
  REQUIRE(messages);
  REQUIRE(messages->size() == 1);
  CHECK(messages->front().slot == Slot{"SM", 0});
  CHECK(modem.count("AT+CMGR=10") == 1);
  CHECK(modem.count("AT+CMGR=11") == 0);
}

TEST_CASE("deleting: an empty slot is free already, a refusal is not believed blindly") {
  ScriptedModem empty(modem_script({{"AT+CMGD=3", "\n+CMS ERROR: 321\n"}, {"AT+CMGR=3", "\nOK\n"}}));
  CHECK(open_modem(options_for(empty.device()))->delete_message({"SM", 3}));
  ScriptedModem refused(
      modem_script({{"AT+CMGD=3", "\nERROR\n"}, {"AT+CMGR=3", "\n+CMGR: 1,,30\n" + kPdu + "\n\nOK\n"}}));
  CHECK_FALSE(open_modem(options_for(refused.device()))->delete_message({"SM", 3}));
}

TEST_CASE("deleting: no answer is not repeated, for a new message may lie there by now") {
  ScriptedModem modem(modem_script({{"AT+CMGD=3", ""}}));
  const auto freed = open_modem(options_for(modem.device()))->delete_message({"SM", 3});
  REQUIRE_FALSE(freed);
  CHECK(freed.error().code == Errc::timeout);
  CHECK(modem.count("AT+CMGD=3") == 1);
}

TEST_CASE("sending: outcomes") {
  struct Case {
    const char* name;
    std::string answer;
    std::optional<Errc> error;
    bool retry;
  };
  const Case cases[] = {
      {"taken", "\n+CMGS: 78\n\nOK\n", {}, false},
      {"taken without a reference", "\nOK\n", {}, false},
      {"not registered", "\n+CMS ERROR: 500\n", Errc::busy, true},
      {"refused short code", "\n+CMS ERROR: 21\n", Errc::denied, false},
      {"facility not implemented", "\n+CMS ERROR: 69\n", Errc::denied, false},
      {"not supported", "\n+CMS ERROR: 303\n", Errc::denied, false},
      {"malformed", "\n+CMS ERROR: 304\n", Errc::bad_input, false},
      {"verbose", "\n+CMS ERROR: no network service\n", Errc::busy, true},
      {"no reason", "\nERROR\n", Errc::busy, true},
      {"nothing at all", "", Errc::outcome_unknown, false},
      {"unplugged", kHangUp, Errc::outcome_unknown, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
      if (!line.starts_with("PDU ")) return script(line);
      return c.answer == kHangUp ? kHangUp : framed(c.answer);
    });
    const auto driver = open_modem(options_for(modem.device()));
    const auto sent = driver->send(submit_to("+4915123456789"));
    CHECK(sent.has_value() == !c.error.has_value());
    if (sent) continue;
    CHECK(sent.error().code == *c.error);
    CHECK(sent.error().retryable() == c.retry);
  }
}

TEST_CASE("sending: the length counts the TPDU, the SMSC is the SIM's") {
  ScriptedModem modem(modem_script({}));
  const auto driver = open_modem(options_for(modem.device()));
  const Submit submit = submit_to("+4915123456789");
  const auto receipt = driver->send(submit);
  REQUIRE(receipt);
  CHECK(receipt->reference == 7);
  const auto tpdu = encode_tpdu(submit);
  REQUIRE(tpdu);
  CHECK(modem.count("AT+CMGS=" + std::to_string(tpdu->size())) == 1);
  CHECK(modem.count("PDU 00" + to_hex(*tpdu)) == 1);
}

TEST_CASE("sending: refused at the prompt, or no prompt, and nothing was sent") {
  for (const char* answer : {"\n+CMS ERROR: 302\n", "\n+CME ERROR: SIM busy\n", ""}) {
    CAPTURE(answer);
    ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
      return line.starts_with("AT+CMGS=") ? framed(answer) : script(line);
    });
    const auto driver = open_modem(options_for(modem.device()));
    const auto sent = driver->send(submit_to("+4915123456789"));
    REQUIRE_FALSE(sent);
    CHECK((sent.error().code == Errc::busy || sent.error().code == Errc::timeout));
    CHECK(sent.error().retryable());
    for (const auto& line : modem.lines()) CHECK_FALSE(line.starts_with("PDU"));
    CHECK(driver->read_message({"SM", 1}));
  }
}

TEST_CASE("sending: an arrival in the middle is not lost") {
  ScriptedModem modem([script = modem_script({})](const std::string& line) {
    return line.starts_with("PDU ") ? framed("\n+CMTI: \"SM\",8\n" + script(line)) : script(line);
  });
  const auto driver = open_modem(options_for(modem.device()));
  REQUIRE(driver->send(submit_to("+4915123456789")));
  const auto events = wait_for_event(*driver);
  REQUIRE(events.size() == 1);
  CHECK(events[0].slot == Slot{"SM", 8});
}

TEST_CASE("events: everything a modem announces") {
  using Kind = Event::Kind;
  struct Case {
    std::string bytes;
    Kind kind;
    std::optional<Slot> slot;
    Octets pdu;
  };
  const Case cases[] = {
      {"\n+CMTI: \"SM\",3\n", Kind::message_stored, Slot{"SM", 3}, {}},
      {"\n+CMTI: \"ME\",0\n", Kind::message_stored, Slot{"ME", 0}, {}},
      {"\n+CMTI: \"SM\",-1\n", Kind::message_stored, {}, {}},
      {"\n+CMTI: ,-1\n", Kind::message_stored, {}, {}},
      {"\n+CMT: ,30\n" + kPdu + "\n", Kind::message_direct, {}, deliver_pdu()},
      {"\n+CDS: 30\n" + kPdu + "\n", Kind::status_report, {}, deliver_pdu()},
      {"\n+CDS: ,30\n" + kPdu + "\n", Kind::status_report, {}, deliver_pdu()},
      {"\n+CDSI: \"SR\",8\n", Kind::status_report_stored, Slot{"SR", 8}, {}},
      {"\n+SMS FULL\n", Kind::storage_full, {}, {}},
      {"^SMMEMFULL: \"SM\"\n", Kind::storage_full, {}, {}},
      {"\nRDY\n", Kind::restarted, {}, {}},
      {"\nNORMAL POWER DOWN\n", Kind::restarted, {}, {}},
      {"\nUNDER-VOLTAGE WARNNING POWER DOWN\n", Kind::restarted, {}, {}},
  };
  ScriptedModem modem(modem_script({}));
  const auto driver = open_modem(options_for(modem.device()));
  for (const Case& c : cases) {
    CAPTURE(c.bytes);
    modem.inject(framed("^RSSI:7\n\n+CUSD: 2\n" + c.bytes + "\n*PSUTTZ: 1\n"));
    const auto events = wait_for_event(*driver);
    REQUIRE(events.size() == 1);
    CHECK(events[0].kind == c.kind);
    CHECK(events[0].slot == c.slot);
    CHECK(events[0].pdu == c.pdu);
  }
}

TEST_CASE("events: noise alone is none, one boot is one restart, and the modem comes up again") {
  ScriptedModem modem(modem_script({}));
  const auto driver = open_modem(options_for(modem.device()));
  modem.inject("\r\n^RSSI:1\r\n^HCSQ:\"LTE\",1\r\n+ZUSIMR:2\r\nnonsense\r\n");
  const auto before = steady_now();
  CHECK(driver->wait(before + milliseconds(60))->empty());
  CHECK(steady_now() - before >= milliseconds(60));
  modem.inject(
      "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nCall Ready\r\n\r\nSMS Ready\r\n\r\n+CMTI: "
      "\"SM\",1\r\n");
  std::vector<Event> events;
  while (events.size() < 2) {
    for (Event& event : wait_for_event(*driver)) events.push_back(std::move(event));
  }
  CHECK(events[0].kind == Event::Kind::restarted);
  CHECK(events[1].kind == Event::Kind::message_stored);
  const int before_count = modem.count("AT+CMGF=0");
  REQUIRE(driver->bring_up());
  CHECK(modem.count("AT+CMGF=0") == before_count + 1);
}

TEST_CASE("health: denied on 2G and home on LTE (EP06), LTE only (ML307C), nothing (SIM7000G)") {
  struct Case {
    Special special;
    Registration registration;
    std::optional<int> signal;
  };
  const Case cases[] = {
      {{{"AT+CREG?", "\n+CREG: 2,3\n\nOK\n"},
        {"AT+CEREG?", "\n+CEREG: 2,1,\"2616\",\"DDAEA01\",7\n\nOK\n"},
        {"AT+CSQ", "\n+CSQ: 31,99\n\nOK\n"}},
       Registration::home,
       -51},
      {{{"AT+CREG?", "\nERROR\n"}, {"AT+CEREG?", "\n+CEREG: 2,5,\"60EF\",\"005113AA\",7\n\nOK\n"}},
       Registration::roaming,
       {}},
      {{{"AT+CREG?", "\n+CREG: 0,0\n\nOK\n"},
        {"AT+CEREG?", "\n+CEREG: 0,0\n\nOK\n"},
        {"AT+CSQ", "\n+CSQ: 99,99\n\nOK\n"}},
       Registration::not_registered,
       {}},
      {{{"AT+CREG?", "\nOK\n"}}, Registration::unknown, {}},
  };
  for (const Case& c : cases) {
    Special special = c.special;
    special["AT+COPS?"] = "\n+COPS: 0,0,\"o\x1b[1m2\",7\n\nOK\n";
    special["AT+CPMS?"] = "\n+CPMS: \"SM\",4,30,\"SM\",4,30,\"SM\",4,30\n\nOK\n";
    ScriptedModem modem(modem_script(special));
    const auto health = open_modem(options_for(modem.device()))->health();
    REQUIRE(health);
    CHECK(health->registration == c.registration);
    CHECK(health->signal_dbm == c.signal);
    CHECK(health->network == "o[1m2");
    CHECK(health->slots_used == 4);
    CHECK(health->slots_total == 30);
  }
}
