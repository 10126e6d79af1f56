// Answers that are not what they seem: final results too many, torn or cut lines, a modem that starts again
// in the middle, a setting that is lost. What the driver doubts, it asks again.
#include <doctest/doctest.h>

#include <atomic>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/modem/modem_helpers.h"
#include "tests/modem/scripted_modem.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;

namespace {

const std::string kPdu = to_hex(deliver_pdu());
const std::string kOther = to_hex(deliver_pdu(3));

}  // namespace

TEST_CASE("reading: firmware that counts the service centre's octets is known after one text") {
  ScriptedModem modem(modem_script({{"AT+CMGR=1", "\n+CMGR: 1,,38\n" + kPdu + "\n\nOK\n"},
                                    {"AT+CMGR=2", "\n+CMGR: 1,,38\n" + kOther + "\n\nOK\n"}}));
  const auto driver = open_modem(options_for(modem.device()));
  REQUIRE(driver->read_message({"SM", 1}));
  CHECK(modem.count("AT+CMGR=1") == 2);
  CHECK((*driver->read_message({"SM", 2}))->pdu == deliver_pdu(3));
  CHECK(modem.count("AT+CMGR=2") == 1);
}

TEST_CASE("reading: a cut PDU between whole lines is not believed") {
  ScriptedModem modem(in_turn("AT+CMGR=1", {"\n+CMGR: 1,,30\n" + kPdu.substr(0, 40) + "\n\nOK\n",
                                            "\n+CMGR: 1,,30\n" + kPdu + "\n\nOK\n"}));
  const auto message = open_modem(options_for(modem.device()))->read_message({"SM", 1});
  REQUIRE(message);
  REQUIRE(*message);
  CHECK((*message)->pdu == deliver_pdu());
}

TEST_CASE("reading: what comes different each time stays in its slot") {
  ScriptedModem modem([reads = std::size_t{20}, script = modem_script({})](const std::string& line) mutable {
    if (line != "AT+CMGR=1") return script(line);
    return framed("\n+CMGR: 1,,30\n" + kPdu.substr(0, reads += 2) + "\n\nOK\n");
  });
  const auto message = open_modem(options_for(modem.device()))->read_message({"SM", 1});
  REQUIRE_FALSE(message);
  CHECK(message.error().code == Errc::busy);
  CHECK(message.error().retryable());
}

TEST_CASE("reading: ERROR and then OK for one command, and the next slot's text is its own") {
  for (const int milliseconds_late : {0, 5}) {
    CAPTURE(milliseconds_late);
    std::binary_semaphore asked{0};
    ScriptedModem modem([&, script = modem_script({{"AT+CMGR=3", "\n+CMGR: 1,,30\n" + kPdu + "\n\nOK\n"},
                                                   {"AT+CMGR=4", "\n+CMGR: 1,,30\n" + kOther + "\n\nOK\n"}})](
                            const std::string& line) {
      if (line != "AT+CMGR=9") return script(line);
      asked.release();
      return framed("\nERROR\n");
    });
    std::jthread late([&] {
      static_cast<void>(asked.try_acquire_for(seconds(30)));
      std::this_thread::sleep_for(milliseconds(milliseconds_late));
      modem.inject("\r\nOK\r\n");
    });
    auto options = options_for(modem.device());
    options.timeouts.quiet = milliseconds(40);
    const auto driver = open_modem(options);
    CHECK_FALSE(driver->read_message({"SM", 9})->has_value());
    for (const auto& [index, pdu] : {std::pair{3, deliver_pdu()}, std::pair{4, deliver_pdu(3)}}) {
      const auto message = driver->read_message({"SM", index});
      REQUIRE(message);
      REQUIRE(*message);
      CHECK((*message)->pdu == pdu);
    }
  }
}

TEST_CASE("reading: a final result that nobody waited for is seen before the next slot is asked for") {
  ScriptedModem modem(modem_script({{"AT+CMGR=3", "\n+CMGR: 1,,30\n" + kPdu + "\n\nOK\n"}}));
  const auto driver = open_modem(options_for(modem.device()));
  const int probes = modem.count("AT");
  modem.inject("\r\nOK\r\n\r\n+CMTI: \"SM\",3\r\n");
  REQUIRE(wait_for_event(*driver).size() == 1);
  CHECK((*driver->read_message({"SM", 3}))->pdu == deliver_pdu());
  CHECK(modem.count("AT") == probes + 1);
}

TEST_CASE("reading: OK without a text, and then the text, is not an empty slot") {
  // The first OK is the late end of something older; the modem was busy and goes on with the answer itself.
  ScriptedModem modem(in_turn(
      "AT+CMGR=3", {"\nOK\n\n+CMGR: 1,,30\n" + kPdu + "\n\nOK\n", "\n+CMGR: 1,,30\n" + kPdu + "\n\nOK\n"}));
  const auto message = open_modem(options_for(modem.device()))->read_message({"SM", 3});
  REQUIRE(message);
  REQUIRE(*message);
  CHECK((*message)->pdu == deliver_pdu());
}

TEST_CASE("reading: a modem that has gone to text mode is put back") {
  ScriptedModem modem([text_mode = true, script = modem_script({})](const std::string& line) mutable {
    if (line == "AT+CMGF=0") text_mode = false;
    if (line == "AT+CMGD=1") text_mode = true;
    if (line != "AT+CMGR=1") return script(line);
    return text_mode
               ? framed(
                     "\n+CMGR: \"REC UNREAD\",\"+12025550123\",,\"26/11/28,12:00:00+04\"\nOK\nhello\n\nOK\n")
               : framed("\n+CMGR: 0,,30\n" + kPdu + "\n\nOK\n");
  });
  const auto driver = open_modem(options_for(modem.device()));
  REQUIRE(driver->delete_message({"SM", 1}));
  const auto message = driver->read_message({"SM", 1});
  REQUIRE(message);
  REQUIRE(*message);
  CHECK((*message)->pdu == deliver_pdu());
}

TEST_CASE("deleting: after ERROR the OK that follows it does not free the next slot") {
  std::binary_semaphore asked{0};
  std::binary_semaphore said_ok{0};
  ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
    if (line == "AT+CMGR=9") {
      asked.release();
      return framed("\nERROR\n");
    }
    if (line != "AT+CMGD=3") return script(line);
    static_cast<void>(said_ok.try_acquire_for(seconds(30)));  // slower than its spare OK
    return framed("\n+CMS ERROR: 500\n");
  });
  std::jthread late([&] {
    static_cast<void>(asked.try_acquire_for(seconds(30)));
    std::this_thread::sleep_for(milliseconds(5));
    modem.inject("\r\nOK\r\n");
    said_ok.release();
  });
  auto options = options_for(modem.device());
  options.timeouts.quiet = milliseconds(100);
  const auto driver = open_modem(options);
  CHECK_FALSE(driver->read_message({"SM", 9})->has_value());
  CHECK_FALSE(driver->delete_message({"SM", 3}));
}

TEST_CASE("deleting: after a selection without an OK the storage is selected again first") {
  // The modem carries out AT+CPMS, and its answer is lost, or is a refusal.
  for (const char* answer : {"", "\nERROR\n"}) {
    CAPTURE(answer);
    std::atomic<int> odd_answers{0};
    std::mutex mutex;
    std::vector<std::string> freed;  // guarded by mutex
    ScriptedModem modem(
        [&, selected = std::string("SM"), script = modem_script({})](const std::string& line) mutable {
          if (line.starts_with("AT+CPMS=\"")) {
            selected = line.substr(9, 2);
            return framed(odd_answers-- > 0 ? answer : "\n+CPMS: 0,30,0,30,0,30\n\nOK\n");
          }
          if (line.starts_with("AT+CMGD=")) {
            const std::lock_guard lock(mutex);
            freed.push_back(selected + line.substr(8));
          }
          return script(line);
        });
    auto options = options_for(modem.device());
    options.timeouts.answer = milliseconds(300);
    options.timeouts.probe = milliseconds(200);
    const auto driver = open_modem(options);
    odd_answers = std::string_view(answer).empty() ? 1 : 3;  // a refusal is tried in three forms
    static_cast<void>(driver->read_message({"ME", 7}));
    REQUIRE(driver->delete_message({"SM", 3}));
    const std::lock_guard lock(mutex);
    CHECK(freed == std::vector<std::string>{"SM3"});
  }
}

TEST_CASE("listing: a slot that cannot be read ends the list, and the others are read all the same") {
  struct Case {
    const char* name;
    std::string list;
    std::string bad;
  };
  const Case cases[] = {
      {"inside", "\n+CMGL: 1,1,,30\n" + kPdu + "\n+CMS ERROR: 320\n", "\n+CMS ERROR: 320\n"},
      {"as the answer", "\n+CMS ERROR: 321\n", "\n+CMS ERROR: 321\n"},
      {"not supported", "\n+CMGL: 1,1,,30\n" + kPdu + "\n+CME ERROR: 4\n", "\n+CME ERROR: 4\n"},
      {"303", "\n+CMS ERROR: 303\n", "\n+CMS ERROR: 303\n"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    ScriptedModem modem(modem_script({{"AT+CMGL=4", c.list},
                                      {"AT+CPMS=?", "\n+CPMS: (\"SM\"),(\"SM\"),(\"SM\")\n\nOK\n"},
                                      {"AT+CPMS?", "\n+CPMS: \"SM\",3,5,\"SM\",3,5,\"SM\",3,5\n\nOK\n"},
                                      {"AT+CMGR=1", "\n+CMGR: 1,,30\n" + kPdu + "\n\nOK\n"},
                                      {"AT+CMGR=2", c.bad},
                                      {"AT+CMGR=3", "\n+CMGR: 1,,30\n" + kOther + "\n\nOK\n"}}));
    const auto messages = open_modem(options_for(modem.device()))->list_messages();
    REQUIRE(messages);
    REQUIRE(messages->size() == 2);
    CHECK(messages->at(0).slot == Slot{"SM", 1});
    CHECK(messages->at(1).slot == Slot{"SM", 3});
    CHECK(modem.count("AT+CMGD=2") == 0);
  }
}

TEST_CASE("listing: a damaged list is listed again") {
  ScriptedModem modem(in_turn("AT+CMGL=4", {"\n+CMGL: 1\n^RSSI:9\n7,1,,30\n" + kPdu + "\n\nOK\n",
                                            "\n+CMGL: 17,1,,30\n" + kPdu + "\n\nOK\n"}));
  const auto driver = open_modem(options_for(modem.device()));
  const auto message = driver->list_messages();
  REQUIRE(message);
  CHECK(message->size() == 2);  // one of each storage
  for (const StoredMessage& stored : *message) CHECK(stored.slot.index == 17);
}

TEST_CASE("listing: where texts arrive in MT each has one name - announced and listed") {
  struct Case {
    const char* readable;
    const char* announced;
    const char* listed;  // the storage whose slot 3 is in the list
    bool event_has_slot;
  };
  for (const Case& c :
       {Case{"\"SM\",\"ME\",\"MT\"", "ME", "ME", true}, Case{"\"SM\",\"ME\",\"MT\"", "MT", "ME", false},
        Case{"\"MT\"", "ME", "MT", false}, Case{"\"MT\"", "MT", "MT", true}}) {
    CAPTURE(c.readable);
    CAPTURE(c.announced);
    const std::string all = "(" + std::string(c.readable) + ")";
    ScriptedModem modem(
        [&, selected = std::string("MT"),
         script = modem_script({{"AT+CPMS=?", "\n+CPMS: " + all + "," + all + "," + all + "\n\nOK\n"},
                                {"AT+CPMS?", "\n+CPMS: \"MT\",1,53,\"MT\",1,53,\"MT\",1,53\n\nOK\n"}})](
            const std::string& line) mutable {
          if (line.starts_with("AT+CPMS=\"")) selected = line.substr(9, 2);
          const bool is_here = selected == "MT" || selected == "ME";  // it lies in ME, and MT shows it
          if (line == "AT+CMGL=4" && is_here) return framed("\n+CMGL: 3,1,,30\n" + kPdu + "\n\nOK\n");
          return script(line);
        });
    const auto driver = open_modem(options_for(modem.device()));
    modem.inject("\r\n+CMTI: \"" + std::string(c.announced) + "\",3\r\n");
    const auto events = wait_for_event(*driver);
    REQUIRE(events.size() == 1);
    CHECK(events.front().slot.has_value() == c.event_has_slot);
    const auto listed = driver->list_messages();
    REQUIRE(listed);
    REQUIRE(listed->size() == 1);
    CHECK(listed->front().slot == Slot{c.listed, 3});
    if (c.event_has_slot) CHECK(listed->front().slot == *events.front().slot);
  }
}

TEST_CASE("sending: OK in the place of the prompt hands nothing over") {
  ScriptedModem modem(modem_script({{"AT+CMGR=1", "\n+CMGR: 1,,30\n" + kPdu + "\n\nOK\n"}}));
  const auto driver = open_modem(options_for(modem.device()));
  ScriptedModem odd([script = modem_script({})](const std::string& line) {
    return line.starts_with("AT+CMGS=") ? framed("\nOK\n") : script(line);
  });
  const auto sent = open_modem(options_for(odd.device()))->send(submit_to("+4915123456789"));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == Errc::timeout);
  CHECK(sent.error().retryable());
  CHECK(odd.lines().at(odd.lines().size() - 2) == "ESC");
  for (const auto& line : odd.lines()) CHECK_FALSE(line.starts_with("PDU"));
}

TEST_CASE("sending: a reference torn in two is nobody's") {
  ScriptedModem modem([script = modem_script({})](const std::string& line) {
    return line.starts_with("PDU ") ? framed("\n+CMGS: 1\n^RSSI:9\n23\n\nOK\n") : script(line);
  });
  const auto sent = open_modem(options_for(modem.device()))->send(submit_to("+4915123456789"));
  REQUIRE(sent);
  CHECK(sent->reference == kNoReference);
}

TEST_CASE("sending: OK and then an error are two results, and nobody knows which one counts") {
  ScriptedModem modem([script = modem_script({})](const std::string& line) {
    return line.starts_with("PDU ") ? framed("\nOK\n\n+CMS ERROR: 500\n") : script(line);
  });
  const auto sent = open_modem(options_for(modem.device()))->send(submit_to("+4915123456789"));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == Errc::outcome_unknown);
}

TEST_CASE("sending: a modem that restarts in the middle is not waited for") {
  for (const char* news : {"\nRDY\n", "\n^SYSSTART\n", "\n*ATREADY: 1\n"}) {
    CAPTURE(news);
    ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
      return line.starts_with("PDU ") ? framed(news) : script(line);
    });
    auto options = options_for(modem.device());
    options.timeouts.send = seconds(60);
    const auto driver = open_modem(options);
    const auto begun = steady_now();
    const auto sent = driver->send(submit_to("+4915123456789"));
    CHECK(steady_now() - begun < seconds(20));
    REQUIRE_FALSE(sent);
    CHECK(sent.error().code == Errc::outcome_unknown);
    CHECK(wait_for_event(*driver).front().kind == Event::Kind::restarted);
  }
}

TEST_CASE("sending: the service centre that the modem has lost is written again and the text goes out") {
  ScriptedModem modem([known = false, script = modem_script({})](const std::string& line) mutable {
    if (line == "AT+CSCA=\"+491710760000\",145") known = true;
    return line.starts_with("PDU ") && !known ? framed("\n+CMS ERROR: 330\n") : script(line);
  });
  const auto driver = open_modem(options_for(modem.device()));
  CHECK(driver->send(submit_to("+4915123456789")));
  CHECK(modem.count("AT+CSCA=\"+491710760000\",145") == 1);
}

TEST_CASE("bring-up: the codes of a start that is under way end no command") {
  // Each code comes inside a command, a while before that command's OK.
  std::counting_semaphore<2> asked{0};
  std::atomic<int> left{2};
  ScriptedModem modem([&, script = modem_script({})](const std::string& line) {
    if ((line != "AT+CGMM" && line != "AT+CGMR") || left == 0) return script(line);
    const bool first = left-- == 2;
    asked.release();
    return framed(first ? "\nCall Ready\n" : "\nSMS Ready\n");
  });
  std::jthread late([&] {
    for (int i = 0; i < 2; ++i) {
      static_cast<void>(asked.try_acquire_for(seconds(30)));
      std::this_thread::sleep_for(milliseconds(50));
      modem.inject("\r\nOK\r\n");
    }
  });
  CHECK(SerialModem::open(options_for(modem.device())));
  CHECK(left == 0);
}

TEST_CASE("waiting: the codes of a start mean a restart only when no start is known") {
  for (const bool known : {true, false}) {
    CAPTURE(known);
    ScriptedModem modem(modem_script({}));
    auto options = options_for(modem.device());
    options.timeouts.boot = known ? milliseconds(60'000) : milliseconds(0);
    const auto driver = open_modem(options);
    modem.inject("\r\nSMS Ready\r\n\r\n+CMTI: \"SM\",3\r\n");
    const auto events = wait_for_event(*driver);
    REQUIRE_FALSE(events.empty());
    CHECK((events.front().kind == Event::Kind::restarted) == !known);
  }
}
