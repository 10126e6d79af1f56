// Values inside answers as real modems wrote them.
#include "modem/at/at_values.h"

#include <doctest/doctest.h>

using namespace pigeon::modem;

namespace {

Answer answer_of(std::initializer_list<const char*> lines) {
  Answer answer;
  answer.result.kind = FinalResult::Kind::ok;
  for (const char* line : lines) answer.lines.push_back({line, {}});
  return answer;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("registration: every form of +CREG, and any yes counts") {
  struct Case {
    const char* line;
    Registration expected;
  };
  const Case cases[] = {
      {"+CREG: 0,1", Registration::home},
      {"+CREG: 2,1,4CA,81DE445", Registration::home},
      {"+CREG: 2,1,\"\",\"605F\"", Registration::home},
      {"+CREG: 2,1,\"0B,\"0100701\",7", Registration::home},
      {"+CREG: 2,1,\"5E25", Registration::home},
      {"+CREG: 1, E006B, ABE0016", Registration::home},  // the unsolicited form
      {"+CREG: 5,\"1F\",\"0A11\"", Registration::roaming},
      {"+CREG: 1", Registration::home},
      {"+CREG: 2,3", Registration::denied},
      {"+CEREG: 2,5,\"60EF\",\"005113AA\",7", Registration::roaming},
      {"+CREG: 0,6", Registration::home},  // SMS only
      {"+CREG: 0,7", Registration::roaming},
      {"+CREG: 0,2", Registration::searching},
      {"+CREG: 0,0", Registration::not_registered},
      {"+CREG: 0,4", Registration::unknown},
      {"+CREG: rubbish", Registration::unknown},
  };
  for (const Case& c : cases) {
    CAPTURE(c.line);
    CHECK(parse_registration(answer_of({c.line})) == c.expected);
  }
  CHECK(parse_registration(answer_of({})) == Registration::unknown);  // only OK
  CHECK(parse_registration(answer_of({"+CREG: 3", "+CREG: 0,1"})) == Registration::home);
  CHECK(better(Registration::denied, Registration::home) == Registration::home);
  CHECK(better(Registration::roaming, Registration::searching) == Registration::roaming);
}

TEST_CASE("signal and operator") {
  CHECK(parse_signal_dbm(answer_of({"+CSQ: 31,99"})) == -51);
  CHECK(parse_signal_dbm(answer_of({"+CSQ: 0,0"})) == -113);
  CHECK_FALSE(parse_signal_dbm(answer_of({"+CSQ: 99,99"})));
  CHECK_FALSE(parse_signal_dbm(answer_of({})));
  CHECK(parse_operator(answer_of({"+COPS: 0,0,\"Vodafone, DE\",7"})) == "Vodafone, DE");
  CHECK(parse_operator(answer_of({"+COPS: 0"})).empty());
  CHECK(parse_technology(answer_of({"+COPS: 0,0,\"Vodafone, DE\",7"})) == "LTE");
  CHECK(parse_technology(answer_of({"+COPS: 0,0,\"Pigeonet\",2"})) == "3G");
  CHECK(parse_technology(answer_of({"+COPS: 0,0,\"Pigeonet\",0"})) == "2G");
  for (const char* line : {"+COPS: 0", "+COPS: 0,0,\"Pigeonet\"", "+COPS: 0,0,\"Pigeonet\",99"})
    CHECK(parse_technology(answer_of({line})).empty());
  CHECK(parse_operator(answer_of({"+COPS: 0,0,\"A\x1b[31mB\xff\""})) == "A[31mB?");
}

TEST_CASE("storages: lists of every kind") {
  struct Case {
    const char* line;
    Names first, second, third;
  };
  const Case cases[] = {
      {"+CPMS: (\"SM\",\"ME\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")", {"SM", "ME"}, {"SM", "ME"}, {"SM", "ME"}},
      {"+CPMS: ((\"SM\",\"BM\",\"SR\"),(\"SM\"))", {"SM", "BM", "SR"}, {"SM"}, {}},
      {"+CPMS: \"SM\",\"SM\",\"SM\"", {"SM"}, {"SM"}, {"SM"}},
      {"+CPMS: (ME\", \"SR\"),(\"ME\")", {"ME", "SR"}, {"ME"}, {}},
      {"+CPMS: (\"SM_P\",\"ME_P\"),(\"SM_P\"),(\"SM_P\")", {"SM_P", "ME_P"}, {"SM_P"}, {"SM_P"}},
      {"+CPMS: (\"SM\"),(),()", {"SM"}, {}, {}},
      {"+CPMS:", {}, {}, {}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.line);
    const StorageChoices choices = parse_storage_choices(c.line);
    CHECK(choices[0] == c.first);
    CHECK(choices[1] == c.second);
    CHECK(choices[2] == c.third);
  }
}

TEST_CASE("storages: the state, with spaces, cut short, or numbers only") {
  const auto states = parse_storage_states("+CPMS: \"ME\", 1, 50, \"ME\", 1, 50, \"SM\", 3, 20");
  REQUIRE(states.size() == 3);
  CHECK(states[0].name == "ME");
  CHECK(states[2].name == "SM");
  CHECK(states[2].used == 3);
  CHECK(states[2].total == 20);
  CHECK(parse_storage_states("+CPMS: \"SM\",0,50,\"SM\"").size() == 1);
  CHECK(parse_storage_states("+CPMS: 0,50,0,50,0,50").empty());
}

TEST_CASE("indications: what is allowed and what is set") {
  const auto choices = parse_cnmi_choices("+CNMI: (2),(0-1,3),(0,2),(0-1),(0)");
  CHECK(choices[0] == std::vector<int>{2});
  CHECK(choices[1] == std::vector<int>{0, 1, 3});
  CHECK(choices[2] == std::vector<int>{0, 2});
  CHECK(choices[4] == std::vector<int>{0});
  const auto tight = parse_cnmi_choices("+CNMI:(0-3),(0-3),(0-3),(0,1),(0,1)");
  CHECK(tight[0] == std::vector<int>{0, 1, 2, 3});
  CHECK(tight[3] == std::vector<int>{0, 1});
  CHECK(parse_cnmi_choices("")[0].empty());
  CHECK(parse_cnmi("+CNMI: 2,1,0,1,0") == CnmiSettings{2, 1, 0, 1, 0});
  CHECK_FALSE(parse_cnmi("+CNMI: OK"));
}

TEST_CASE("service centre: quoted, bare, UCS-2, none") {
  struct Case {
    const char* line;
    const char* number;
  };
  const Case cases[] = {
      {"+CSCA: \"+491710760000\",145", "+491710760000"},
      {"+CSCA: \"6281100000\",145", "6281100000"},
      {"+CSCA: \"\",129", ""},
      {"+CSCA: 002B0034003900310037,145", "+4917"},
      {"+CSCA: \"002B0034003900310037\",145", "+4917"},
      {"+CSCA: \"nonsense\",145", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.line);
    CHECK(parse_csca(answer_of({c.line})) == c.number);
  }
}

TEST_CASE("message headers: length is the last field, whatever stands before it") {
  for (const char* header :
       {"+CMGL: 17,3,35", "+CMGR: 0,\"\",35", "+CMGR: 0,35", "+CMGR: 35", "+CMGR: ,,35", "+CMGR: 4,1,,35"}) {
    CAPTURE(header);
    CHECK(parse_pdu_length(header) == 35);
  }
  CHECK_FALSE(parse_pdu_length("+CMGR: 0,,"));
  CHECK(has_announced_length({"+CMGR: 1,,3", "0191AABBCC"}));
  CHECK_FALSE(has_announced_length({"+CMGR: 1,,5", "0191AABBCC"}));  // a modem that counts the SMSC too
  CHECK_FALSE(has_announced_length({"+CMGR: 1,,3", "0191AABBC"}));
}

TEST_CASE("indicated slots: without an index, without a storage") {
  CHECK(parse_indicated_slot("+CMTI: \"SM\",3") == Slot{"SM", 3});
  CHECK(parse_indicated_slot("+CMTI: \"ME_P\", 12") == Slot{"ME_P", 12});
  CHECK(parse_indicated_slot("+CDSI: \"SM\",0") == Slot{"SM", 0});
  CHECK_FALSE(parse_indicated_slot("+CMTI: \"SM\",-1"));
  CHECK_FALSE(parse_indicated_slot("+CMTI: ,-1"));
  CHECK_FALSE(parse_indicated_slot("+CMTI: \"SM\""));
  CHECK_FALSE(parse_indicated_slot("+CMTI: \"S;M\",3"));
}

TEST_CASE("identification") {
  CHECK(parse_imei(answer_of({"490154203237518"})) == "490154203237518");
  CHECK(parse_imei(answer_of({"+CGSN: \"490154203237518\""})) == "490154203237518");
  CHECK(parse_imei(answer_of({"490154-20-323751-8"})) == "490154203237518");
  CHECK(parse_imei(answer_of({"unknown"})).empty());
  CHECK(parse_identification(answer_of({"+CGMI: \"Quectel\""})) == "Quectel");
  CHECK(parse_identification(answer_of({"E17\x1b\x52"})) == "E17R");
}

TEST_CASE("the state of the SIM") {
  CHECK(parse_cpin(answer_of({"+CPIN: READY"})) == "READY");
  CHECK(parse_cpin(answer_of({"+CPIN:SIM PIN"})) == "SIM PIN");
  CHECK(parse_cpin(answer_of({})).empty());
}
