// One command at a time: deadlines, finding back into step, prompts, and modems that vanish.
#include "modem/at/at_channel.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <thread>

#include "base/file.h"
#include "tests/eventually.h"
#include "tests/modem/scripted_modem.h"

using namespace pigeon;
using namespace pigeon::modem;
using pigeon::test::framed;
using pigeon::test::kHangUp;
using pigeon::test::modem_script;
using pigeon::test::ScriptedModem;

namespace {

constexpr milliseconds kShort{250};
constexpr milliseconds kLong{3000};
const std::string kPdu = "0011000B911326880736F40000A70AE8329BFD4697D9EC37";

ChannelTimeouts quick() {
  ChannelTimeouts timeouts;
  timeouts.prompt = kShort;
  timeouts.probe = milliseconds(100);
  timeouts.quiet = milliseconds(15);
  timeouts.resync = milliseconds(1500);
  timeouts.unfinished = milliseconds(50);
  return timeouts;
}

AtChannel channel_to(const ScriptedModem& modem, const std::string& transcript = {},
                     const Wakeup* abort = nullptr, const ChannelTimeouts& timeouts = quick()) {
  auto port = SerialPort::open({PortAddress::Kind::pty, modem.device(), 115200});
  REQUIRE(port);
  auto channel = AtChannel::create(std::move(*port), timeouts, transcript, abort);
  REQUIRE(channel);
  return std::move(*channel);
}

Request pdu_request(std::string line, std::string pdu, milliseconds timeout) {
  Request request{std::move(line), timeout};
  request.pdu = std::move(pdu);
  return request;
}

std::vector<TranscriptEntry> recording_of(const std::string& text) {
  auto entries = parse_transcript(text);
  REQUIRE(entries);
  return std::move(*entries);
}

}  // namespace

TEST_CASE("channel: a replayed exchange in odd pieces") {
  ScriptedModem modem(recording_of(
      "0.000000 > AT+CSQ\\r\n0.001000 < AT+CSQ\\r\n0.002000 < \\r\n0.002100 < \\n+CSQ: 2\n"
      "0.002200 < 0,99\\r\n0.002300 < \\n\\r\\nO\n0.002400 < K\\r\\n\n"
      "0.010000 > AT+CMGS=23\\r\n0.010100 < \\r\\n>\n0.010200 > " +
      kPdu + "\\x1a\n0.010300 < \\r\\n^RSSI:1\n0.010400 < 0\\r\\n+CMGS: 9\\r\\n\\r\\nOK\\r\\n\n"));
  auto channel = channel_to(modem);
  const auto signal = channel.ask({"AT+CSQ", kLong});
  REQUIRE(signal);
  CHECK(signal->text() == "+CSQ: 20,99");
  const auto sent = channel.ask(pdu_request("AT+CMGS=23", kPdu, kLong));
  REQUIRE(sent);
  CHECK(sent->text() == "+CMGS: 9");
  CHECK(modem.played(kLong));
  CHECK(modem.problem().empty());
}

TEST_CASE("channel: synchronise leaves text entry, drops what is under way and waits out a deaf modem") {
  int probes = 0;
  ScriptedModem modem([&](const std::string& line) {
    if (line == "ESC") return framed("\n\n\n+CMGR: 1,,3\nAABB\n\nOK\n\n^RSSI:3\n");
    return line == "AT" && ++probes >= 3 ? framed("\nOK\n") : std::string();
  });
  auto channel = channel_to(modem);
  REQUIRE(channel.synchronise(steady_now() + kLong));
  CHECK(modem.lines().at(1) == "ESC");
  CHECK(modem.count("AT") == 3);
}

TEST_CASE("channel: a device that only echoes or only chatters is no modem") {
  ScriptedModem echo([](const std::string& line) { return line + "\r\n"; });
  auto channel = channel_to(echo);
  const auto found = channel.synchronise(steady_now() + milliseconds(300));
  REQUIRE_FALSE(found);
  CHECK(found.error().code == Errc::timeout);
}

TEST_CASE("channel: the late answer of one command is never the next one's") {
  // The first AT+CSQ is answered only when the host probes with AT, as a modem does that was busy.
  bool stalled = false;
  ScriptedModem modem([&](const std::string& line) {
    if (line == "AT+CSQ") {
      stalled = true;
      return std::string();
    }
    if (line == "AT" && stalled) {
      stalled = false;
      return framed("\n+CSQ: 11,99\n\nOK\n\nOK\n");
    }
    if (line == "AT+CPMS?") return framed("\n+CPMS: \"SM\",1,30\n\nOK\n");
    return line == "ESC" ? std::string() : framed("\nOK\n");
  });
  auto channel = channel_to(modem);
  const auto late = channel.ask({"AT+CSQ", kShort});
  REQUIRE_FALSE(late);
  CHECK(late.error().code == Errc::timeout);
  CHECK(late.error().message == "AT+CSQ: no answer within 250 ms");
  const auto next = channel.ask({"AT+CPMS?", kLong});
  REQUIRE(next);
  CHECK(next->ok());
  CHECK(next->text() == "+CPMS: \"SM\",1,30");
  CHECK(modem.count("AT") >= 2);  // the first OK was not clean
}

// A listing may take a minute; one that nobody will answer is not waited for so long.
TEST_CASE("channel: silence ends a long command sooner, and a line that comes does not") {
  ScriptedModem modem(
      [](const std::string& line) { return line == "AT+CMGL=4" ? std::string() : framed("\nOK\n"); });
  auto channel = channel_to(modem);
  const Request list{.line = "AT+CMGL=4", .timeout = kLong, .most_silence = milliseconds(200)};
  const auto silent = channel.ask(list);
  REQUIRE_FALSE(silent);
  CHECK(silent.error().message == "AT+CMGL: no answer within 200 ms");
  REQUIRE(channel.ask({"AT", kLong}));

  const SteadyTime start = steady_now();
  std::jthread speaker([&] {
    static_cast<void>(test::eventually([&] { return modem.count("AT+CMGL=4") == 2; }));
    for (int i = 0; i < 8; ++i) {
      modem.inject("\r\n^RSSI:" + std::to_string(i) + "\r\n");
      std::this_thread::sleep_for(milliseconds(50));  // the modem's pace
    }
    modem.inject("\r\nOK\r\n");
  });
  const auto slow = channel.ask(list);
  CHECK(slow);
  CHECK(steady_now() - start > milliseconds(250));
}

TEST_CASE("channel: an answer without a final result is enough where that may be") {
  ScriptedModem modem(modem_script({{"AT+CPIN?", "\n+CPIN: READY\n"}}));
  auto channel = channel_to(modem);
  const auto answer = channel.ask({"AT+CPIN?", kLong, Ending::may_be_missing});
  REQUIRE(answer);
  CHECK(answer->text() == "+CPIN: READY");
  CHECK(answer->result.kind == FinalResult::Kind::missing);
  const auto next = channel.ask({"AT+CFUN?", kLong});
  REQUIRE(next);
  CHECK(next->text() == "+CFUN: 1");
}

TEST_CASE("channel: every prompt there is") {
  for (const char* prompt : {"\n> ", "\n>", ">", "\n>\n", "\n> \n", "\n^RSSI:1\n> "}) {
    CAPTURE(prompt);
    ScriptedModem modem(modem_script({{"AT+CMGS=23", prompt}}));
    auto channel = channel_to(modem);
    const auto sent = channel.ask(pdu_request("AT+CMGS=23", kPdu, kLong));
    REQUIRE(sent);
    CHECK(sent->text() == "+CMGS: 7");
    CHECK(modem.count("PDU " + kPdu) == 1);
  }
}

TEST_CASE("channel: no prompt, so ESC, and the channel works on") {
  ScriptedModem modem(modem_script({{"AT+CMGS=23", ""}, {"AT+CSQ", "\n+CSQ: 9,99\n\nOK\n"}}));
  auto channel = channel_to(modem);
  const auto sent = channel.ask(pdu_request("AT+CMGS=23", kPdu, kLong));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == Errc::timeout);
  CHECK(sent.error().retryable());
  CHECK(modem.count("ESC") == 1);
  CHECK(modem.count("PDU " + kPdu) == 0);
  const auto next = channel.ask({"AT+CSQ", kLong});
  REQUIRE(next);
  CHECK(next->text() == "+CSQ: 9,99");
}

TEST_CASE("channel: refused before the prompt and refused behind it are answers") {
  ScriptedModem before(modem_script({{"AT+CMGS=23", "\n+CMS ERROR: 500\n"}}));
  auto channel = channel_to(before);
  CHECK(channel.ask(pdu_request("AT+CMGS=23", kPdu, kLong))->result.is_cms(500));
  ScriptedModem behind(modem_script({{"PDU " + kPdu, "\n+CMS ERROR: 21\n"}}));
  auto other = channel_to(behind);
  CHECK(other.ask(pdu_request("AT+CMGS=23", kPdu, kLong))->result.is_cms(21));
}

TEST_CASE("channel: the message was handed over and nothing came back") {
  for (const std::string& fate : {std::string(), kHangUp}) {
    ScriptedModem modem(modem_script({{"PDU " + kPdu, fate}}));
    auto channel = channel_to(modem);
    const auto sent = channel.ask(pdu_request("AT+CMGS=23", kPdu, kShort));
    REQUIRE_FALSE(sent);
    CHECK(sent.error().code == Errc::outcome_unknown);
  }
}

TEST_CASE("channel: unplugged before the prompt, nothing was sent") {
  ScriptedModem modem(modem_script({{"AT+CMGS=23", kHangUp}}));
  auto channel = channel_to(modem);
  CHECK(channel.ask(pdu_request("AT+CMGS=23", kPdu, kLong)).error().code == Errc::disconnected);
  CHECK(channel.ask({"AT", kLong}).error().code == Errc::disconnected);
  CHECK(channel.wait(steady_now() + kLong, nullptr).error().code == Errc::disconnected);
}

TEST_CASE("channel: nothing foreign becomes a second command") {
  ScriptedModem modem(modem_script({}));
  auto channel = channel_to(modem);
  for (const std::string& line : {std::string("AT+CSCA=\"1\rAT+CFUN=0\""), std::string("AT\n"),
                                  std::string("AT\x1a"), std::string("AT\0", 3), std::string("AT\x1b")}) {
    const auto refused = channel.ask({line, kLong});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::bad_input);
  }
  CHECK(channel.ask(pdu_request("AT+CMGS=1", "00\r", kLong)).error().code == Errc::bad_input);
  CHECK(modem.lines().empty());
}

TEST_CASE("channel: whoever owns it can make it give up waiting") {
  Wakeup abort;
  ScriptedModem modem(modem_script({{"PDU " + kPdu, ""}, {"AT+CSQ", ""}}));
  auto channel = channel_to(modem, {}, &abort);
  std::thread owner([&] {
    while (modem.count("PDU " + kPdu) == 0) std::this_thread::sleep_for(milliseconds(1));
    abort.notify();
  });
  const auto before = steady_now();
  const auto sent = channel.ask(pdu_request("AT+CMGS=23", kPdu, seconds(60)));
  owner.join();
  CHECK(steady_now() - before < seconds(10));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == Errc::outcome_unknown);
}

TEST_CASE("channel: the recording has everything but the PIN") {
  const auto path = (std::filesystem::temp_directory_path() / "pigeon-channel-transcript.txt").string();
  std::filesystem::remove(path);
  {
    ScriptedModem modem([](const std::string& line) { return framed(line + "\r\n+CMTI: \"SM\",3\n\nOK\n"); });
    auto channel = channel_to(modem, path);
    REQUIRE(channel.ask({"AT+CPIN=\"4711\"", kLong}));
    REQUIRE(channel.ask({"AT+CMGF=0", kLong}));
  }
  const auto text = read_file(path);
  REQUIRE(text);
  CHECK(text->find("4711") == std::string::npos);
  CHECK(text->find("> AT+CPIN=\"****\"\\r") != std::string::npos);
  CHECK(text->find("> AT+CMGF=0\\r") != std::string::npos);
  std::filesystem::remove(path);
}

TEST_CASE("channel: garbage without end neither blocks nor breaks it") {
  ScriptedModem modem(modem_script({{"AT+CSQ", "\n+CSQ: 9,99\n\nOK\n"}}));
  auto channel = channel_to(modem);
  const std::string garbage(3000, '\xfe');
  for (int i = 0; i < 5; ++i) modem.inject(garbage.substr(0, 1000) + std::string(10, '\0') + "U*");
  REQUIRE(channel.synchronise(steady_now() + kLong));
  CHECK(channel.ask({"AT+CSQ", kLong})->text() == "+CSQ: 9,99");
}

TEST_CASE("channel: after a refusal only a command without an answer of its own waits for a second result") {
  ScriptedModem modem(modem_script({{"AT+CMGR=9", "\n+CMS ERROR: 321\n"}}));
  ChannelTimeouts timeouts = quick();
  timeouts.quiet = kLong;
  auto channel = channel_to(modem, {}, nullptr, timeouts);
  const SteadyTime begun = steady_now();
  REQUIRE(channel.ask({"AT+CMGR=9", kLong}));
  REQUIRE(channel.ask({"AT+CPMS?", kLong}));
  CHECK(steady_now() - begun < kLong);
  REQUIRE(channel.ask({"AT+CMGD=1", kLong}));
  CHECK(steady_now() - begun >= kLong);
}

TEST_CASE("channel: the second result of a refusal is not the next command's refusal") {
  ScriptedModem modem([late = true, script = modem_script({{"AT+CMGR=9", "\n+CMS ERROR: 321\n"}})](
                          const std::string& line) mutable {
    const bool comes_first = line == "AT+CPMS?" && std::exchange(late, false);
    return (comes_first ? framed("\nERROR\n") : std::string()) + script(line);
  });
  ChannelTimeouts timeouts = quick();
  timeouts.quiet = kShort;
  auto channel = channel_to(modem, {}, nullptr, timeouts);
  REQUIRE(channel.ask({"AT+CMGR=9", kLong}));
  const auto answer = channel.ask({"AT+CPMS?", kLong});
  REQUIRE(answer);
  CHECK(answer->ok());
  CHECK(answer->text().starts_with("+CPMS:"));
  CHECK(modem.count("AT+CPMS?") == 2);
}
