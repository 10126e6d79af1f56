// Whose line is it? Real exchanges, cut at every byte and with something unsolicited at every byte.
#include "modem/at/at_dialogue.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "modem/driver/profile.h"

using namespace pigeon::modem;

namespace {

const std::string kPdu = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07";
const std::string kOtherPdu = "0791448720003023240DD0E474D81C0EBB010000111011315214000BE474D81C0EBB5DE3771B";
const std::string kUrc = "\r\n+CMTI: \"SM\",4\r\n";

std::string header_for(const std::string& pdu) {
  const auto length = pdu.size() / 2 - 1 - static_cast<std::size_t>(std::stoi(pdu.substr(0, 2), nullptr, 16));
  return std::to_string(length);
}

const std::string kReadAnswer = "\r\n+CMGR: 1,," + header_for(kPdu) + "\r\n" + kPdu + "\r\n\r\nOK\r\n";

struct Heard {
  Answer answer;
  bool answered = false;
  std::vector<Urc> urcs;
};

Heard hear(const std::string& command, const std::vector<std::string>& pieces) {
  AtDialogue dialogue;
  dialogue.expect_urcs(urcs_of_all());
  dialogue.begin(command);
  for (const std::string& piece : pieces) dialogue.receive(piece);
  Heard heard;
  heard.answered = dialogue.answered();
  heard.answer = dialogue.take_answer();
  heard.urcs = dialogue.take_urcs();
  return heard;
}

Heard hear(const std::string& command, const std::string& bytes) {
  return hear(command, std::vector<std::string>{bytes});
}

std::vector<std::string> texts_of(const Answer& answer) {
  std::vector<std::string> texts;
  for (const AnswerLine& line : answer.lines) texts.push_back(line.text);
  return texts;
}

}  // namespace

TEST_CASE("dialogue: a read answer cut at every pair of bytes") {
  const std::string bytes = "AT+CMGR=1\r" + kReadAnswer;
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    for (std::size_t second = first; second <= bytes.size(); second += 7) {
      const Heard heard = hear(
          "AT+CMGR=1", {bytes.substr(0, first), bytes.substr(first, second - first), bytes.substr(second)});
      REQUIRE(heard.answered);
      REQUIRE(heard.answer.ok());
      REQUIRE(heard.answer.lines.size() == 1);
      REQUIRE(heard.answer.lines[0].pdu == kPdu);
    }
  }
}

// Never a PDU put together from pieces: what is torn is damaged, and it ends all the same.
TEST_CASE("dialogue: an unsolicited code at every byte of a read answer") {
  const std::string bytes = "AT+CMGR=1\r" + kReadAnswer;
  int whole = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    CAPTURE(at);
    std::string mixed = bytes;
    mixed.insert(at, kUrc);
    const Heard heard = hear("AT+CMGR=1", mixed);
    CHECK(heard.answered);
    CHECK(heard.answer.ok());
    if (!heard.answer.damaged) {
      REQUIRE(heard.answer.lines.size() == 1);
      CHECK(heard.answer.lines[0].pdu == kPdu);
      CHECK(heard.answer.lines[0].text.ends_with("," + header_for(kPdu)));
      ++whole;
    }
    REQUIRE(heard.urcs.size() == 1);
    CHECK(heard.urcs[0].kind == UrcKind::message_stored);
    CHECK(heard.urcs[0].text == "+CMTI: \"SM\",4");
  }
  CHECK(whole > 10);  // between two lines nothing is torn
}

TEST_CASE("dialogue: a line that is nobody's damages the answer in which it stands, and no other") {
  AtDialogue dialogue;
  dialogue.expect_urcs(urcs_of_all());
  dialogue.receive("\r\nnonsense\r\n");
  dialogue.begin("AT+CSQ");
  dialogue.receive("\r\n+CSQ: 2\r\n+CMTI: \"SM\",4\r\n0,99\r\n\r\nOK\r\n");
  CHECK(dialogue.answered());
  CHECK(dialogue.take_answer().damaged);
  dialogue.begin("AT+CSQ");
  dialogue.receive("\r\n^RSSI:9\r\n+CSQ: 20,99\r\n+CMTI: \"SM\",5\r\n\r\nOK\r\n");
  const Answer answer = dialogue.take_answer();
  CHECK_FALSE(answer.damaged);
  CHECK(answer.text() == "+CSQ: 20,99");
}

TEST_CASE("dialogue: a final result torn in two still ends a damaged answer") {
  for (const char* torn : {"\r\nO\r\n^RSSI:3\r\nK\r\n", "\r\n+CMS ERR\r\n^RSSI:3\r\nOR: 321\r\n"}) {
    CAPTURE(torn);
    const Heard heard = hear("AT+CMGR=1", torn);
    CHECK(heard.answered);
    CHECK(heard.answer.damaged);
  }
}

TEST_CASE("dialogue: a USSD text of several lines ends nothing, not even with OK in it") {
  AtDialogue dialogue;
  dialogue.expect_urcs(urcs_of_all());
  dialogue.begin("AT+CMGR=1");
  dialogue.receive("\r\n+CUSD: 0,\"Your balance\r\nOK\r\n+CMS ERROR: 500\r\n12 EUR\",15\r\n");
  CHECK_FALSE(dialogue.answered());
  dialogue.receive(kReadAnswer);
  const Answer answer = dialogue.take_answer();
  CHECK_FALSE(answer.damaged);
  REQUIRE(answer.lines.size() == 1);
  CHECK(answer.lines[0].pdu == kPdu);
  CHECK(dialogue.counters().late_results == 0);
  const auto urcs = dialogue.take_urcs();
  REQUIRE(urcs.size() == 1);
  CHECK(urcs[0].kind == UrcKind::ussd);
  CHECK(urcs[0].text == "+CUSD: 0,\"Your balance\nOK\n+CMS ERROR: 500\n12 EUR\",15");
}

TEST_CASE("dialogue: the network's answer is unsolicited, also ahead of the OK of its request") {
  const Heard heard = hear("AT+CUSD=1,\"*100#\",15", "\r\n+CUSD: 1,\"a\r\nERROR\r\nb\",15\r\n\r\nOK\r\n");
  CHECK(heard.answer.ok());
  CHECK(heard.answer.lines.empty());
  REQUIRE(heard.urcs.size() == 1);
  CHECK(heard.urcs[0].text == "+CUSD: 1,\"a\nERROR\nb\",15");
  const Heard read = hear("AT+CUSD?", "\r\n+CUSD: 1\r\n\r\nOK\r\n");
  CHECK(read.answer.lines.size() == 1);
}

TEST_CASE("dialogue: an error behind the OK of a USSD request is its own, and no other's") {
  AtDialogue dialogue;
  dialogue.expect_urcs(urcs_of_all());
  dialogue.begin("AT+CUSD=1,\"*100#\",15");
  dialogue.receive("\r\nOK\r\n");
  CHECK(dialogue.take_answer().ok());
  dialogue.receive("\r\n+CME ERROR: 100\r\n");
  const auto urcs = dialogue.take_urcs();
  REQUIRE(urcs.size() == 1);
  CHECK(urcs[0].kind == UrcKind::ussd_refused);
  CHECK(dialogue.counters().late_results == 0);
  dialogue.receive("\r\n+CME ERROR: 100\r\n");  // nobody's any more
  CHECK(dialogue.counters().late_results == 1);
  dialogue.begin("AT+CUSD=1,\"*100#\",15");
  dialogue.receive("\r\nERROR\r\n");
  CHECK_FALSE(dialogue.take_answer().ok());
  dialogue.receive("\r\nERROR\r\n");  // it was refused at once
  CHECK(dialogue.take_urcs().empty());
  CHECK(dialogue.counters().late_results == 2);
}

TEST_CASE(
    "dialogue: a USSD text whose end was lost is over with the first line that can only be the modem's") {
  const Heard heard = hear("AT+CMGR=1", "\r\n+CUSD: 0,\"Your bal\r\n" + kReadAnswer);
  CHECK(heard.answer.ok());
  CHECK(heard.answer.lines.size() == 1);
  AtDialogue idle;
  idle.expect_urcs(urcs_of_all());
  idle.receive("\r\n+CUSD: 0,\"Your bal\r\n\r\n+CMTI: \"SM\",4\r\n");
  const auto urcs = idle.take_urcs();
  REQUIRE(urcs.size() == 2);
  CHECK(urcs[0].text == "+CUSD: 0,\"Your bal");
  CHECK(urcs[1].kind == UrcKind::message_stored);
}

TEST_CASE("dialogue: a restart ends what is under way") {
  AtDialogue dialogue;
  dialogue.expect_urcs(urcs_of_all());
  dialogue.begin("AT+CMGS=26", true);
  dialogue.receive("\r\n^RSSI:3\r\n+QIND: SMS DONE\r\n");
  CHECK(dialogue.heard_start());
  CHECK_FALSE(dialogue.heard_restart());
  dialogue.receive("\r\nRDY\r\n");
  CHECK(dialogue.heard_restart());
  dialogue.begin("AT");
  CHECK_FALSE(dialogue.heard_restart());
  CHECK_FALSE(dialogue.heard_start());
}

TEST_CASE("dialogue: a direct message with its PDU at every byte of a read answer") {
  const std::string bytes = kReadAnswer;
  const std::string direct = "\r\n+CMT: ,30\r\n" + kOtherPdu + "\r\n";
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    CAPTURE(at);
    std::string mixed = bytes;
    mixed.insert(at, direct);
    const Heard heard = hear("AT+CMGR=1", mixed);
    CHECK(heard.answer.ok());
    if (!heard.answer.damaged) {
      REQUIRE(heard.answer.lines.size() == 1);
      CHECK(heard.answer.lines[0].pdu == kPdu);
    }
    REQUIRE(heard.urcs.size() == 1);
    CHECK(heard.urcs[0].kind == UrcKind::message_direct);
    CHECK(heard.urcs[0].pdu == kOtherPdu);
  }
}

TEST_CASE("dialogue: noise at every byte of a list") {
  const std::string bytes = "\r\n+CMGL: 1,1,," + header_for(kPdu) + "\r\n" + kPdu + "\r\n+CMGL: 17,0," +
                            header_for(kOtherPdu) + "\r\n" + kOtherPdu + "\r\n\r\nOK\r\n";
  for (const std::string noise :
       {"\r\n^RSSI:14\r\n", "\r\n+CREG: 1, E006B, ABE0016\r\n", "\r\nSMS DONE\r\n"}) {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      CAPTURE(at);
      std::string mixed = bytes;
      mixed.insert(at, noise);
      const Heard heard = hear("AT+CMGL=4", mixed);
      CHECK(heard.answer.ok());
      if (heard.answer.damaged) continue;
      REQUIRE(heard.answer.lines.size() == 2);
      CHECK(heard.answer.lines[0].pdu == kPdu);
      CHECK(heard.answer.lines[1].pdu == kOtherPdu);
      CHECK(heard.answer.lines[1].text.starts_with("+CMGL:"));
    }
  }
}

TEST_CASE("dialogue: an unsolicited code at every byte of a send, echo on") {
  const std::string pdu = "0011000B911326880736F40000A70AE8329BFD4697D9EC37";
  const std::string before = "AT+CMGS=23\r\r\n> ";
  const std::string behind = pdu + "\x1a\r\n+CMGS: 123\r\n\r\nOK\r\n";
  for (std::size_t at = 0; at < before.size() + behind.size(); ++at) {
    CAPTURE(at);
    std::string first = before;
    std::string second = behind;
    if (at < before.size())
      first.insert(at, kUrc);
    else
      second.insert(at - before.size(), kUrc);
    AtDialogue dialogue;
    dialogue.expect_urcs(urcs_of_all());
    dialogue.begin("AT+CMGS=23", true);
    dialogue.receive(first);
    REQUIRE(dialogue.prompted());
    REQUIRE_FALSE(dialogue.answered());
    dialogue.begin_payload(pdu);
    dialogue.receive(second);
    REQUIRE(dialogue.answered());
    const Answer answer = dialogue.take_answer();
    CHECK(answer.ok());
    if (!answer.damaged) CHECK(answer.text() == "+CMGS: 123");
    CHECK(dialogue.take_urcs().size() == 1);
  }
}

TEST_CASE("dialogue: prompts as modems write them") {
  for (const std::string prompt :
       {"\r\n> ", "\r\n>", ">", "> ", "\r\n>\r\n", "\r\n> \r\n", "\n\r> ", "\r\n^RSSI:20\r\n> ",
        "AT+CMGS=26\r\r\n> ", "\r\n> \r\n+CMTI: \"SM\",4\r\n"}) {
    CAPTURE(prompt);
    AtDialogue dialogue;
    dialogue.expect_urcs(urcs_of_all());
    dialogue.begin("AT+CMGS=26", true);
    dialogue.receive(prompt);
    CHECK(dialogue.prompted());
    CHECK_FALSE(dialogue.answered());
    dialogue.begin_payload("0011");
    dialogue.receive(" \r\n+CMGS: 7\r\n\r\nOK\r\n");
    CHECK(dialogue.take_answer().text() == "+CMGS: 7");
  }
}

TEST_CASE("dialogue: a refusal instead of the prompt") {
  AtDialogue dialogue;
  dialogue.expect_urcs(urcs_of_all());
  dialogue.begin("AT+CMGS=26", true);
  dialogue.receive("\r\n+CMS ERROR: 500\r\n");
  CHECK_FALSE(dialogue.prompted());
  CHECK(dialogue.answered());
  CHECK(dialogue.take_answer().result.is_cms(500));
}

TEST_CASE("dialogue: the URC stands before the echo (Huawei E1752)") {
  const Heard heard = hear("AT+CPMS=\"SM\",\"SM\"",
                           "^SRVST:0\r\nAT+CPMS=\"SM\",\"SM\"\r\r\n+CPMS: 0,50,0,50,0,50\r\n\r\nOK\r\n");
  CHECK(heard.answer.ok());
  CHECK(texts_of(heard.answer) == std::vector<std::string>{"+CPMS: 0,50,0,50,0,50"});
}

TEST_CASE("dialogue: echo that ATE0 does not stop, doubled") {
  const Heard heard = hear("ATE0", "ATE0\rATE0\r\r\nOK\r\n");
  CHECK(heard.answer.ok());
  CHECK(heard.answer.lines.empty());
}

TEST_CASE("dialogue: the echo of somebody else's command is noticed") {
  AtDialogue dialogue;
  dialogue.expect_urcs(urcs_of_all());
  dialogue.begin("AT");
  dialogue.receive("ATE0+CPMS?\r\r\n+CPMS: \"ME\", 0, 50, \"ME\", 0, 50, \"ME\", 0, 50\r\n\r\nOK\r\n");
  CHECK(dialogue.answered());
  CHECK(dialogue.take_answer().lines.empty());
  CHECK(dialogue.counters().foreign_commands == 1);
}

TEST_CASE("dialogue: ^ lines answer only the ^ command that asked for them") {
  CHECK(hear("AT+CSQ", "\r\n^RSSI:14\r\n+CSQ: 20,99\r\n^MODE:5,4\r\n\r\nOK\r\n").answer.lines.size() == 1);
  const Heard own = hear("AT^SYSINFO", "\r\n^RSSI:14\r\n^SYSINFO:2,3,0,5,1\r\n\r\nOK\r\n");
  CHECK(texts_of(own.answer) == std::vector<std::string>{"^SYSINFO:2,3,0,5,1"});
}

TEST_CASE("dialogue: identification answers are plain text between noise") {
  const Heard heard = hear("AT+CGMI", "\r\n^RSSI:14\r\nQUALCOMM INCORPORATED\r\n+CREG: 1\r\n\r\nOK\r\n");
  CHECK(texts_of(heard.answer) == std::vector<std::string>{"QUALCOMM INCORPORATED"});
}

TEST_CASE("dialogue: a caller who hangs up does not end a command") {
  const Heard heard = hear("AT+CSQ", "\r\nRING\r\n\r\nNO CARRIER\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n");
  CHECK(heard.answer.ok());
  CHECK(heard.answer.text() == "+CSQ: 20,99");
  CHECK(hear("ATD+12025550100;", "\r\nNO CARRIER\r\n").answer.result.kind == FinalResult::Kind::call_ended);
}

TEST_CASE("dialogue: what follows OK in the same read is unsolicited") {
  const Heard heard = hear("AT", "\r\nOK\r\n\r\n+CMTI: \"ME\",7\r\n\r\nRING\r\n");
  CHECK(heard.answer.ok());
  REQUIRE(heard.urcs.size() == 1);
  CHECK(heard.urcs[0].text == "+CMTI: \"ME\",7");
}

TEST_CASE("dialogue: a second final result is nobody's (phonesim's ERROR and OK)") {
  AtDialogue dialogue;
  dialogue.expect_urcs(urcs_of_all());
  dialogue.begin("AT+CMGR=9");
  dialogue.receive("\r\nERROR\r\nOK\r\n");
  CHECK(dialogue.take_answer().result.kind == FinalResult::Kind::error);
  CHECK(dialogue.counters().late_results == 1);
}

TEST_CASE("dialogue: USSD results do not disturb") {
  const Heard heard = hear("AT+CSQ", "\r\n+CUSD: 0,\"AA180C3602\",15\r\n\r\n+CSQ: 3,0\r\n\r\nOK\r\n");
  CHECK(heard.answer.ok());
  CHECK(heard.answer.lines.size() == 1);
  REQUIRE(heard.urcs.size() == 1);
  CHECK(heard.urcs[0].kind == UrcKind::ussd);
}

TEST_CASE("dialogue: status reports, also with ZTE's comma, and announcements") {
  AtDialogue dialogue;
  dialogue.expect_urcs(urcs_of_all());
  dialogue.receive("\r\n+CDS: 25\r\n" + kPdu + "\r\n\r\n+CDS: ,25\r\n" + kOtherPdu +
                   "\r\n+CDSI: \"SR\",8\r\n");
  const auto urcs = dialogue.take_urcs();
  REQUIRE(urcs.size() == 3);
  CHECK(urcs[0].pdu == kPdu);
  CHECK(urcs[1].pdu == kOtherPdu);
  CHECK(urcs[1].kind == UrcKind::status_report);
  CHECK(urcs[2].kind == UrcKind::status_report_stored);
}

TEST_CASE("dialogue: noise between +CMT and its PDU; a PDU that never comes steals nothing") {
  AtDialogue dialogue;
  dialogue.expect_urcs(urcs_of_all());
  dialogue.receive("\r\n+CMT: ,23\r\n^RSSI:14\r\n" + kPdu + "\r\n");
  auto urcs = dialogue.take_urcs();
  REQUIRE(urcs.size() == 1);
  CHECK(urcs[0].pdu == kPdu);

  dialogue.receive("\r\n+CMT: ,23\r\n");
  dialogue.begin("AT+CMGR=1");
  dialogue.receive(kReadAnswer);
  CHECK(dialogue.take_answer().lines.at(0).pdu == kPdu);
  CHECK(dialogue.take_urcs().empty());
}

TEST_CASE("dialogue: boot chatter") {
  AtDialogue dialogue;
  dialogue.expect_urcs(urcs_of_all());
  dialogue.receive(
      "\r\nRDY\r\n\r\n+CPIN: READY\r\n\r\nSMS DONE\r\n*PSUTTZ: 2021,2,23,14,52,10,\"+4\",0\r\nDST: 0\r\n"
      "+CIEV: 10,\"20801\",\"Orange F\",\"Orange F\", 0, 0\r\nUNDER-VOLTAGE WARNNING POWER DOWN\r\n"
      "NORMAL POWER DOWN\r\nCall Ready\r\n");
  int restarts = 0;
  for (const Urc& urc : dialogue.take_urcs()) restarts += urc.kind == UrcKind::restarted ? 1 : 0;
  CHECK(restarts == 3);  // RDY and two power-downs; the others belong to them
  CHECK(dialogue.counters().noise == 4);
}

TEST_CASE("dialogue: floods keep within bounds and messages are not forgotten silently") {
  AtDialogue dialogue;
  dialogue.expect_urcs(urcs_of_all());
  for (int i = 0; i < 10'000; ++i) dialogue.receive("\r\n^RSSI:14\r\n\r\nGARBAGE\r\n");
  CHECK_FALSE(dialogue.has_urcs());
  for (int i = 0; i < 10'000; ++i) dialogue.receive("\r\n+CMTI: \"SM\",1\r\n");
  CHECK(dialogue.take_urcs().size() <= 512);
  CHECK(dialogue.take_urcs_lost());
  CHECK_FALSE(dialogue.take_urcs_lost());

  dialogue.begin("AT+CMGL=4");
  const std::string entry = "+CMGL: 1,1,,30\r\n" + kPdu + "\r\n";
  for (int i = 0; i < 50'000; ++i) dialogue.receive(entry);
  dialogue.receive("OK\r\n");
  std::size_t bytes = 0;
  for (const AnswerLine& line : dialogue.take_answer().lines) bytes += line.text.size() + line.pdu.size();
  CHECK(bytes <= 1 << 20);
}
