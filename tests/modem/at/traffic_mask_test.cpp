// What of an AT port's traffic may be shown to strangers: nothing private, and everything else.
#include "modem/at/traffic_mask.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "modem/driver/profile.h"
#include "modem/sms/pdu.h"
#include "modem/sms/pdu_mask.h"
#include "modem/sms/user_data.h"

using namespace pigeon;
using namespace pigeon::modem;
using Kind = TranscriptEntry::Kind;

namespace {

const std::string kPdu = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07";

std::string said(TrafficMask& mask, Kind kind, const std::string& bytes) {
  std::string out;
  for (const TranscriptEntry& entry : mask.take({{}, kind, bytes})) out += entry.bytes;
  for (const TranscriptEntry& entry : mask.finish()) out += entry.bytes;
  return out;
}

// The answer of a modem to a command, as a line.
std::string answer(const std::string& command, const std::string& line) {
  TrafficMask mask(urcs_of_all());
  static_cast<void>(said(mask, Kind::to_modem, command + "\r"));
  const std::string out = said(mask, Kind::from_modem, "\r\n" + line + "\r\n");
  return std::string(trim(out));
}

}  // namespace

TEST_CASE("traffic mask: what tells how a modem behaves stays") {
  struct Case {
    const char* command;
    const char* line;
  };
  for (const Case& c : {Case{"AT+CSQ", "+CSQ: 20,99"}, Case{"AT+CGMM", "E1752"}, Case{"AT+CGMM", "EC25"},
                        Case{"AT+CGMR", "EC25EFAR06A06M4G"}, Case{"AT+CGMR", "11.609.20.00.00"},
                        Case{"AT+CPMS?", "+CPMS: \"SM\",3,20,\"ME\",0,23,\"SM\",3,20"},
                        Case{"AT+CNMI=?", "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)"}, Case{"AT", "OK"},
                        Case{"AT+CPIN?", "+CPIN: SIM PIN"}, Case{"AT+CMGF=0", "+CMS ERROR: 500"},
                        Case{"AT+CPIN?", "+CME ERROR: SIM not inserted"}, Case{"AT", "+CMTI: \"SM\",4"},
                        Case{"AT", "^RSSI:14"}, Case{"AT", "SMS DONE"}, Case{"AT", "RDY"},
                        Case{"AT+CMGL=4", "+CMGL: 1,1,,151"}, Case{"AT+COPS?", "+COPS: 0,0,\"Pigeonet\",7"},
                        Case{"AT+CMGR=1", "+CMGR: \"REC READ\",,\"26/11/29,10:00:00+04\""}}) {
    CAPTURE(c.line);
    CHECK(answer(c.command, c.line) == c.line);
  }
}

TEST_CASE("traffic mask: numbers, names, texts, codes and places go, and lengths stay") {
  struct Case {
    const char* command;
    std::string line;
    std::vector<const char*> secrets;
  };
  const Case cases[] = {
      {"AT+CGSN", "490154203237518", {"0154203237518"}},
      {"ATI", "IMEI: 490154203237518", {"0154203237518"}},
      {"AT+CIMI", "262011234567890", {"1234567890"}},
      {"AT+CCID", "+CCID: 8949010000000000123", {"49010000000000123"}},
      {"AT+CRSM=176,12258,0,0,10", "+CRSM: 144,0,\"98941000000021436587\"", {"941000", "21436587"}},
      {"AT+CSCA?", "+CSCA: \"+4917230000\",145", {"17230000"}},
      {"AT+CSCA?", "+CSCA: \"002B0034003900310037\",145", {"00340039", "00310037"}},
      {"AT+CSCA?", "+CSCA: 002B0034003900310037,145", {"00340039", "00310037"}},
      {"AT+CNUM", "+CNUM: \"Ada Lovelace\",\"+12025550123\",145", {"Ada", "Lovelace", "2025550123"}},
      {"AT", "+CLIP: \"+12025550123\",145", {"2025550123"}},
      {"AT+CMGR=1", "+CMGR: \"REC READ\",\"+12025550123\",\"Ada\"", {"2025550123", "Ada"}},
      {"AT+CMGR=1", "Meet me at 5", {"Meet", "5"}},
      {"AT", "+CUSD: 0,\"Balance 12.50 EUR\",15", {"Balance", "12.50"}},
      {"AT", "+CUSD: 0,\"00480069\",72", {"00480069"}},
      {"AT", "+CUSD: 1,AA180C3602", {"AA180C3602"}},
      {"AT+CREG?", "+CREG: 2,1,\"00C3\",\"0128A74D\",7", {"00C3", "0128A74D"}},
      {"AT+CREG?", "+CREG: 1, E006B, ABE0016", {"E006B", "ABE0016"}},
      {"AT+CMGR=1", kPdu, {"1346610089F6", "C8F71D149697", "1326040000F0"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.line);
    const std::string masked = answer(c.command, c.line);
    CAPTURE(masked);
    CHECK(masked.size() == c.line.size());
    for (const char* secret : c.secrets) CHECK_MESSAGE(masked.find(secret) == std::string::npos, secret);
  }
}

TEST_CASE("traffic mask: commands, and what goes out behind a prompt") {
  TrafficMask mask(urcs_of_all());
  CHECK(said(mask, Kind::to_modem, "AT+CPIN=\"1234\"\r") == "AT+CPIN=\"****\"\r");
  CHECK(said(mask, Kind::from_modem, "AT+CPIN=\"1234\"\r\r\n+CME ERROR: 16\r\n") ==
        "AT+CPIN=\"****\"\r\r\n+CME ERROR: 16\r\n");
  CHECK(said(mask, Kind::to_modem, "AT+CPIN=1234\r") == "AT+CPIN=****\r");
  CHECK(said(mask, Kind::to_modem, "AT+CLCK=\"SC\",0,\"1234\"\r") == "AT+CLCK=\"SC\",0,\"****\"\r");
  CHECK(said(mask, Kind::to_modem, "AT+CUSD=1,\"*100*4711#\",15\r") == "AT+CUSD=1,\"*000*0000#\",15\r");
  CHECK(said(mask, Kind::to_modem, "AT+CMGS=26\r") == "AT+CMGS=26\r");
  CHECK(said(mask, Kind::from_modem, "\r\n> ") == "\r\n> ");
  const std::string pdu = "0001000B911346610089F60000040574198E06";
  const std::string sent = said(mask, Kind::to_modem, pdu + "\x1a");
  CHECK(sent.size() == pdu.size() + 1);
  CHECK(sent.ends_with('\x1a'));
  CHECK(sent.find("46610089F6") == std::string::npos);
  CHECK(said(mask, Kind::to_modem, "AT+CMGS=\"+12025550123\"\r").find("2025550123") == std::string::npos);
  CHECK(said(mask, Kind::from_modem, "\r\n> ") == "\r\n> ");
  CHECK(said(mask, Kind::to_modem, "Hello\x1a") == "xxxxx\x1a");
  CHECK(said(mask, Kind::to_modem, "AT+CSQ\r") == "AT+CSQ\r");
}

TEST_CASE("traffic mask: a number has one mask, and another number another one") {
  TrafficMask mask(urcs_of_all());
  const std::string ada = said(mask, Kind::from_modem, "+CLIP: \"+12025550123\",145\r\n");
  const std::string bob = said(mask, Kind::from_modem, "+CLIP: \"+12025550124\",145\r\n");
  CHECK(ada != bob);
  CHECK(said(mask, Kind::from_modem, "+CLIP: \"+12025550123\",145\r\n") == ada);
}

TEST_CASE("traffic mask: cut anywhere, nothing private comes out") {
  const std::string bytes =
      "\r\n+CLIP: \"+12025550123\",145\r\n" + kPdu + "\r\n+CUSD: 0,\"Ada\r\nOK Bob\",15\r\n";
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    TrafficMask mask(urcs_of_all());
    std::string out;
    for (const std::string& piece : {bytes.substr(0, at), bytes.substr(at)}) {
      for (const TranscriptEntry& entry : mask.take({{}, Kind::from_modem, piece})) out += entry.bytes;
    }
    CAPTURE(at);
    CAPTURE(out);
    CHECK(out.size() == bytes.size());
    for (const char* secret : {"2025550123", "1346610089F6", "C8F71D14", "Ada", "Bob"})
      CHECK(out.find(secret) == std::string::npos);
  }
}

TEST_CASE("pdu mask: a masked text is still one, of the same kind and length") {
  const NumberMask zeros = [](const std::string& digits) { return std::string(digits.size(), '0'); };
  const Octets masked = masked_pdu(*from_hex(kPdu), zeros);
  const auto before = decode_pdu(*from_hex(kPdu), Direction::to_mobile);
  const auto after = decode_pdu(masked, Direction::to_mobile);
  REQUIRE(before);
  REQUIRE(after);
  const auto& was = std::get<Deliver>(before->tpdu);
  const auto& is = std::get<Deliver>(after->tpdu);
  CHECK(is.sender.value == "00000000000");
  CHECK(is.timestamp == was.timestamp);
  CHECK(is.user_data.data.size() == was.user_data.data.size());
  CHECK(*decode_text(is.user_data) == std::string(decode_text(was.user_data)->size(), 'x'));
  // One that ends too soon still does, and says no more.
  const Octets whole = *from_hex(kPdu);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const Octets blotted = masked_pdu(cut, zeros);
    CHECK(blotted.size() == cut.size());
    if (!decode_pdu(cut, Direction::to_mobile))
      CHECK_FALSE(decode_pdu(blotted, Direction::to_mobile).has_value());
    CHECK(to_hex(blotted).find("46610089") == std::string::npos);
  }
}

TEST_CASE("traffic mask: what two ports say at a time is told apart, and a number has one mask on both") {
  TrafficMask mask(urcs_of_all());
  std::string out;
  const auto say = [&](Kind kind, const std::string& bytes, int port) {
    for (const TranscriptEntry& entry : mask.take({{}, kind, bytes, port})) {
      CHECK(entry.port == port);
      out += entry.bytes;
    }
  };
  say(Kind::to_modem, "AT+CMGS=18\r", 2);
  say(Kind::from_modem, "\r\n> ", 2);
  say(Kind::to_modem, "AT+CMGR=1\r", 1);
  say(Kind::from_modem, "\r\n+CMGR: 1,,26\r\n" + kPdu.substr(0, 20), 1);
  say(Kind::to_modem, "0011000B912120550521F3\x1a", 2);
  say(Kind::from_modem, kPdu.substr(20) + "\r\n\r\nOK\r\n", 1);
  say(Kind::from_modem, "\r\n+CMGS: 4\r\n\r\nOK\r\n", 2);
  CHECK(out.find("2120550521F3") == std::string::npos);
  CHECK(out.find(kPdu.substr(30)) == std::string::npos);
  CHECK(out.find("+CMGS: 4") != std::string::npos);
  out.clear();
  for (const int port : {1, 2}) {
    say(Kind::to_modem, "AT+CSCA?\r", port);
    say(Kind::from_modem, "\r\n+CSCA: \"+12025550199\",145\r\n", port);
  }
  const std::size_t first = out.find("+CSCA: "), again = out.rfind("+CSCA: ");
  CHECK(first != again);
  CHECK(out.substr(first, 24) == out.substr(again, 24));
}
