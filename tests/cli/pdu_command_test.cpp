// `pigeon pdu decode` and `pigeon pdu encode`, line by line (app/pdu_command.h).
#include "cli/pdu_command.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

using namespace pigeon::cli;
using nlohmann::json;

namespace {

struct Run {
  int status = 0;
  std::vector<std::string> lines;
};

Run run(int (*command)(std::istream&, std::ostream&), const std::string& input) {
  std::istringstream in(input);
  std::ostringstream out;
  Run run{.status = command(in, out), .lines = {}};
  std::istringstream printed(out.str());
  for (std::string line; std::getline(printed, line);) run.lines.push_back(line);
  return run;
}

const std::string kHelloPdu =
    "07919730071111F1000B919746121611F10000811170021222230DC8329BFD6681EE6F399B1C02";
const std::string kHelloJson =
    R"({"type":"deliver","smsc":"+79037011111","from":"+79642161111","text":"Hello, world!","timestamp":"2018-11-07T20:21:22+08:00"})";

std::string error_of(const std::string& line) {
  return json::parse(line).value("error", "");
}

}  // namespace

TEST_CASE("pigeon pdu decode: one object a line, keys in their order") {
  struct Case {
    std::string name;
    std::string pdu;
    std::string expected;
  };
  const Case cases[] = {
      {"deliver", kHelloPdu, kHelloJson},
      {"lower case and white space around",
       "  07919730071111f1000b919746121611f10000811170021222230dc8329bfd6681ee6f399b1c02\r", kHelloJson},
      {"without the service centre's address", "040491361900005150713220052308C8303A8C0EA3C3",
       R"({"type":"deliver","smsc":"","from":"+6391","text":"Hahahaha","timestamp":"2015-05-17T23:02:50+08:00"})"},
      {"submit", "010005912143F500000BC8329BFD06DDDF723619",
       R"({"type":"submit","smsc":"","to":"+12345","text":"Hello world"})"},
      {"submit with the service centre's address", "07911614220991F1010005912143F500000BC8329BFD06DDDF723619",
       R"({"type":"submit","smsc":"+61412290191","to":"+12345","text":"Hello world"})"},
      {"status report", "00061804913619111011719551401110117195714000",
       R"({"type":"status-report","smsc":"","to":"+6391","timestamp":"2011-01-11T17:59:15+01:00",)"
       R"("reference":24,"status":0,"discharge":"2011-01-11T17:59:17+01:00"})"},
      {"a name", "07911326060032F0000DD0D432DBFC96D30100001121313121114012D7327BFC6E9741F437885A669BDF723A",
       R"({"type":"deliver","smsc":"+31626000230","from":"Telfort","text":"Welcome to Telfort",)"
       R"("timestamp":"2011-12-13T13:12:11+01:00"})"},
      {"a part", "07919730071111F1400B919746121611F10000811170021222230E06080412340201C8329BFD6601",
       R"({"type":"deliver","smsc":"+79037011111","from":"+79642161111","text":"Hello,",)"
       R"("timestamp":"2018-11-07T20:21:22+08:00","concat":{"ref":4660,"count":2,"number":1}})"},
      {"flash", "07919730071111F1000B919746121611F10010811170021222231054747A0E4ACF416190991D9EA343",
       R"({"type":"deliver","smsc":"+79037011111","from":"+79642161111","text":"This is a flash!",)"
       R"("timestamp":"2018-11-07T20:21:22+08:00","class":0})"},
      {"ports", "004404913619000451507132200523080605040B8423F041",
       R"({"type":"deliver","smsc":"","from":"+6391","text":"A","timestamp":"2015-05-17T23:02:50+08:00",)"
       R"("ports":{"destination":2948,"source":9200}})"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const Run result = run(run_pdu_decode, c.pdu + "\n");
    CHECK(result.status == 0);
    REQUIRE(result.lines.size() == 1);
    CHECK(result.lines[0] == c.expected);
  }
}

TEST_CASE("pigeon pdu decode: every public message, with the service centre's address and without") {
  std::ifstream file(PIGEON_TEST_DATA "/sms/vectors.jsonl");
  std::size_t messages = 0;
  for (std::string line; std::getline(file, line);) {
    const json row = json::parse(line);
    const std::string kind = row["kind"];
    if (row["outcome"] != "ok" || (kind != "deliver" && kind != "submit" && kind != "status-report"))
      continue;
    const std::string id = row["id"];
    INFO(id);
    std::string tpdu = row["pdu"];
    if (row["smsc"]) tpdu.erase(0, 2 + 2 * std::stoul(tpdu.substr(0, 2), nullptr, 16));
    for (const std::string& front : {std::string(), std::string("00"), std::string("07919730071111F1")}) {
      const Run result = run(run_pdu_decode, front + tpdu);
      CHECK(result.status == 0);
      REQUIRE(result.lines.size() == 1);
      const json message = json::parse(result.lines[0]);
      CHECK(message["type"] == kind);
      CHECK(message["smsc"] == (front.size() > 2 ? "+79037011111" : ""));
      if (row["expect"].contains("text")) CHECK(message["text"] == row["expect"]["text"]);
      if (row["expect"].contains("timestamp")) CHECK(message["timestamp"] == row["expect"]["timestamp"]);
    }
    ++messages;
  }
  CHECK(messages == 49);
}

TEST_CASE("pigeon pdu decode: a bad line is an error, the others go on") {
  const Run result = run(run_pdu_decode, "bad hex\n" + kHelloPdu + "\n\n0791\n" + kHelloPdu);
  CHECK(result.status == 1);
  REQUIRE(result.lines.size() == 4);
  CHECK(result.lines[0] == R"({"error":"not hexadecimal octets"})");
  CHECK(result.lines[1] == kHelloJson);
  CHECK_FALSE(error_of(result.lines[2]).empty());
  CHECK(result.lines[3] == kHelloJson);
}

TEST_CASE("pigeon pdu decode: text that does not decode leaves the rest") {
  const Run result = run(run_pdu_decode, "040491361900085150713220052301D8");
  CHECK(result.status == 1);
  REQUIRE(result.lines.size() == 1);
  CHECK(result.lines[0] == R"({"type":"deliver","smsc":"","from":"+6391",)"
                           R"("error":"UCS-2 text: odd length of 1 octets",)"
                           R"("timestamp":"2015-05-17T23:02:50+08:00"})");
}

TEST_CASE("pigeon pdu decode: nothing in, nothing out") {
  const Run result = run(run_pdu_decode, "\n \r\n");
  CHECK(result.status == 0);
  CHECK(result.lines.empty());
}

TEST_CASE("pigeon pdu encode: what was decoded is encoded again") {
  for (const std::string& pdu :
       {kHelloPdu,
        std::string("07919730071111F1400B919746121611F10000811170021222230E06080412340201C8329BFD6601"),
        std::string("07919730071111F1000B919746121611F10010811170021222231054747A0E4ACF416190991D9EA343"),
        std::string("07919730071111F1040B919746121611F100088111700212222318041F04400438043204350442002C002004"
                    "3C043804400021"),
        std::string("00061804913619111011719551401110117195714000")}) {
    INFO(pdu);
    const Run decoded = run(run_pdu_decode, pdu);
    REQUIRE(decoded.lines.size() == 1);
    const Run encoded = run(run_pdu_encode, decoded.lines[0]);
    CHECK(encoded.status == 0);
    REQUIRE(encoded.lines.size() == 1);
    CHECK(run(run_pdu_decode, encoded.lines[0]).lines == decoded.lines);
  }
}

TEST_CASE("pigeon pdu encode: octet for octet") {
  struct Case {
    std::string name;
    std::string message;
    std::string expected;
  };
  const Case cases[] = {
      {"submit", R"({"type":"submit","to":"+12345","text":"Hello world"})",
       "00010005912143F500000BC8329BFD06DDDF723619"},
      {"deliver without a time", R"({"type":"deliver","smsc":"+49","from":"12","text":"A"})",
       "029194040281210000000000000000000141"},
      {"a name and UCS-2",
       R"({"type":"deliver","from":"Telfort","text":"П","timestamp":"2018-11-07T20:21:22-08:00"})",
       "00040DD0D432DBFC96D30100088111700212222B02041F"},
      {"flash in UCS-2", R"({"type":"submit","to":"12","text":"П","class":0})", "000100028121001802041F"},
      {"a part", R"({"type":"submit","to":"12","text":"A","concat":{"ref":300,"count":2,"number":2}})",
       "004100028121000009060804012C020241"},
      {"ports", R"({"type":"submit","to":"12","text":"A","ports":{"destination":2948,"source":9200}})",
       "0041000281210000090605040B8423F041"},
      {"status report",
       R"({"type":"status-report","to":"+6391","reference":66,"status":48,)"
       R"("timestamp":"2015-05-17T23:02:50+08:00","discharge":"2015-04-18T17:02:50Z"})",
       "00064204913619515071322005235140817120050030"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const Run result = run(run_pdu_encode, c.message);
    CHECK(result.status == 0);
    REQUIRE(result.lines.size() == 1);
    CHECK(result.lines[0] == c.expected);
  }
}

TEST_CASE("pigeon pdu encode: a long text is several lines under one reference") {
  const std::string long_text(200, 'x');
  const std::string message = json{{"type", "submit"}, {"to", "+4915"}, {"text", long_text}}.dump() + "\n";
  const Run encoded = run(run_pdu_encode, message + message);
  CHECK(encoded.status == 0);
  REQUIRE(encoded.lines.size() == 4);
  std::string joined;
  for (std::size_t i = 0; i < encoded.lines.size(); ++i) {
    const json part = json::parse(run(run_pdu_decode, encoded.lines[i]).lines.at(0));
    CHECK(part["concat"] == json{{"ref", i / 2}, {"count", 2}, {"number", i % 2 + 1}});
    joined += part["text"];
  }
  CHECK(joined == long_text + long_text);
}

TEST_CASE("pigeon pdu encode: what is wrong is named, the other lines go on") {
  struct Case {
    std::string message;
    std::string error;
  };
  const std::string long_text(161, 'x');
  const Case cases[] = {
      {"{", "not JSON"},
      {"[]", "type: not \"deliver\", \"submit\" or \"status-report\""},
      {R"({"type":"telegram"})", "type: not \"deliver\", \"submit\" or \"status-report\""},
      {R"({"type":"submit","text":"A"})", "to: missing"},
      {R"({"type":"submit","to":"12","txt":"A"})", "\"txt\": unknown key"},
      {R"({"type":"submit","to":12,"text":"A"})", "to: not a string"},
      {R"({"type":"submit","to":"12","text":"A","class":4})", "class: not a number of 0 to 3"},
      {R"({"type":"submit","to":"12","text":"A","class":-1})", "class: not a number of 0 to 3"},
      {R"({"type":"submit","to":"12","text":"A","concat":1})", "concat: message: not a JSON object"},
      {R"({"type":"submit","to":"12","text":"A","concat":{"ref":1,"count":2,"number":3}})",
       "concat: number: not a number of 1 to 2"},
      {R"({"type":"submit","to":"12","text":"A","ports":{"port":1}})", "ports: \"port\": unknown key"},
      {R"({"type":"submit","to":"12","text":")" + long_text + R"(","concat":{"count":2}})",
       "text: too long for one message, as concat and ports want it"},
      {R"({"type":"status-report","to":"12","text":")" + long_text + R"("})",
       "text: too long for a status report"},
      {R"({"type":"deliver","from":"A name too long","text":"A"})",
       "TP-OA: not up to 11 characters of the GSM default alphabet"},
      {R"({"type":"deliver","smsc":"x","from":"12","text":"A"})", "SMSC: not a digit in the number"},
      {R"({"type":"deliver","from":"12","text":"A","timestamp":"2015-02-30T00:00:00Z"})",
       "timestamp: not a time like 2015-05-17T23:02:50+08:00"},
      {R"({"type":"deliver","from":"12","text":"A","timestamp":"2015-05-17 23:02:50"})",
       "timestamp: not a time like 2015-05-17T23:02:50+08:00"},
      {R"({"type":"deliver","from":"12","text":"A","timestamp":"1970-01-02T00:00:00Z"})",
       "TP-SCTS: not of 1990 to 2089"},
  };
  for (const Case& c : cases) {
    INFO(c.message);
    const Run result = run(run_pdu_encode, c.message + "\n" + kHelloJson + "\n");
    CHECK(result.status == 1);
    REQUIRE(result.lines.size() == 2);
    CHECK(error_of(result.lines[0]) == c.error);
    CHECK(run(run_pdu_decode, result.lines[1]).lines == std::vector{kHelloJson});
  }
}
