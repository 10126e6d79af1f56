// What families answer about the card and its PIN.
#include "modem/at/sim_values.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace pigeon::modem;

namespace {

Answer answer_of(std::initializer_list<const char*> lines) {
  Answer answer;
  answer.result.kind = FinalResult::Kind::ok;
  for (const char* line : lines) answer.lines.push_back({line, {}});
  return answer;
}

std::optional<int> tries(std::string_view command, std::initializer_list<const char*> lines) {
  const auto questions = pin_tries_questions();
  const auto question = std::find_if(questions.begin(), questions.end(),
                                     [&](const auto& each) { return each.line.starts_with(command); });
  REQUIRE(question != questions.end());
  return parse_pin_tries(*question, answer_of(lines));
}

}  // namespace

TEST_CASE("card: its number in the words of every family") {
  for (const char* line :
       {"+CCID: 8949010000000000123", "+CCID: \"8949010000000000123F\"", "^ICCID: \"98941000000000001032\"",
        "^ICCID: 989410000000000010F2", "8949010000000000123", "+QCCID: 8949010000000000123F",
        "+CCID: 1, 8949010000000000123"}) {
    CAPTURE(line);
    const std::string number = parse_iccid(answer_of({line}));
    CHECK(number.starts_with("8949010000000000"));
  }
  CHECK(parse_iccid(answer_of({"+CCID: 8949010000000000123f"})) == "8949010000000000123");
  for (const char* line : {"+CCID: ", "+CCID: 0", "+CCID: rubbish", "+CCID: 894901"})
    CHECK(parse_iccid(answer_of({line})).empty());
  CHECK(parse_iccid(answer_of({})).empty());
  CHECK(parse_iccid_file(answer_of({"+CRSM: 144,0,\"981099000000000010F2\""})) == "8901990000000000012");
  CHECK(parse_iccid_file(answer_of({"+CRSM: 106,130"})).empty());
  CHECK(parse_iccid_file(answer_of({"+CRSM: 106,130,\"981099000000000010F2\""})).empty());
}

TEST_CASE("PIN: tries left in the words of every family") {
  CHECK(tries("AT+CPINR", {"+CPINR: SIM PUK,10,10", "+CPINR: SIM PIN,2,3"}) == 2);
  CHECK(tries("AT^CPIN", {"^CPIN: SIM PIN,1,10,1,10,3"}) == 1);
  CHECK(tries("AT^CPIN", {"^CPIN: SIM PIN,,10,3,10,3"}) == 3);
  CHECK(tries("AT+QPINC", {"+QPINC: \"SC\",3,10"}) == 3);
  CHECK(tries("AT+SPIC", {"+SPIC: 2,10,0,10"}) == 2);
  CHECK(tries("AT#PCT", {"#PCT: 1"}) == 1);
  CHECK_FALSE(tries("AT+CPINR", {"+CPINR: SIM PUK,10,10"}));
  CHECK_FALSE(tries("AT+SPIC", {"+SPIC: "}));
  CHECK_FALSE(tries("AT#PCT", {"#PCT: 99"}));
  CHECK_FALSE(tries("AT#PCT", {}));
}
