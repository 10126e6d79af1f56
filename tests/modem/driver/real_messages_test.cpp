// Messages and events as real modems write them; see real_modems_test.cpp, where they come up.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/modem/modem_helpers.h"
#include "tests/modem/scripted_modem.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;

namespace {

using Special = std::map<std::string, std::string>;
const std::string kPdu = to_hex(deliver_pdu());
const std::string kOther = to_hex(deliver_pdu(3));
const std::string kUrc = "\r\n+CMTI: \"SM\",4\r\n";

}  // namespace

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
    // A length that is not the TPDU's is looked at twice (the emulator modememul counts the centre's octets).
    CHECK(modem.count("AT+CMGR=1") == (std::string(header).ends_with("38") ? 2 : 1));
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

TEST_CASE("reading: an unsolicited code at every byte") {
  const std::string answer = "\r\n+CMGR: 1,,30\r\n" + kPdu + "\r\n\r\nOK\r\n";
  std::atomic<std::size_t> place{0};
  std::atomic<bool> tears{false};
  ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
    if (line != "AT+CMGR=1") return script(line);
    const std::size_t at = tears.exchange(false) ? place.load() : answer.size();
    return at == answer.size() ? answer : answer.substr(0, at) + kUrc + answer.substr(at);
  });
  const auto driver = open_modem(options_for(modem.device()));
  for (std::size_t at = 0; at < answer.size(); ++at) {
    CAPTURE(at);
    place = at;
    tears = true;
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
  ScriptedModem modem(
      [selected = std::string("SM"), script = modem_script({})](const std::string& line) mutable {
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
  const auto lines = modem.lines();
  const auto last = std::find_if(lines.rbegin(), lines.rend(),
                                 [](const auto& line) { return line.starts_with("AT+CPMS="); });
  REQUIRE(last != lines.rend());
  CHECK(*last == "AT+CPMS=\"SM\",\"SM\",\"SM\"");
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
  const auto freed = open_modem(impatient(options_for(modem.device())))->delete_message({"SM", 3});
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
      {"not supported", "\n+CMS ERROR: 303\n", Errc::bad_input, false},
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
    auto events = wait_for_event(*driver);
    if (events.size() == 1) events.push_back(wait_for_event(*driver).at(0));
    REQUIRE(events.size() == 2);
    CHECK(events[0].kind == Kind::ussd);
    CHECK(events[1].kind == c.kind);
    CHECK(events[1].slot == c.slot);
    CHECK(events[1].pdu == c.pdu);
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
  const int before_count = modem.count("AT+CMGF?");
  REQUIRE(driver->bring_up());
  CHECK(modem.count("AT+CMGF?") == before_count + 1);
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
