// The fields of a TPDU where the public vectors (vectors_test.cpp) do not reach: addresses, time stamps and
// validity periods, as real networks write them, and what cannot be written.
#include "modem/sms/pdu.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "modem/sms/user_data.h"
#include "tests/modem/sms/pdu_testing.h"

using namespace pigeon;
using namespace pigeon::test;
using namespace std::chrono_literals;

TEST_CASE("pdu: addresses both ways") {
  struct Case {
    std::string name;
    std::string hex;
    TypeOfNumber type_of_number;
    std::string shown;
  };
  const Case cases[] = {
      {"international, odd", "0B919746121611F1", TypeOfNumber::international, "+79642161111"},
      {"international, even", "0C91945121436587", TypeOfNumber::international, "+491512345678"},
      {"short code", "05812143F5", TypeOfNumber::unknown, "12345"},
      {"national", "0AA11010101010", TypeOfNumber::national, "0101010101"},
      {"star and hash", "0481BA21", TypeOfNumber::unknown, "*#12"},
      {"a, b, c", "0381DCFE", TypeOfNumber::unknown, "abc"},
      {"none", "0081", TypeOfNumber::unknown, ""},
      {"none, international", "0091", TypeOfNumber::international, ""},
      {"another numbering plan", "029821", TypeOfNumber::international, "+12"},
      {"name", "0DD0D432DBFC96D301", TypeOfNumber::alphanumeric, "Telfort"},
      {"name with a two-septet character", "04D09B32", TypeOfNumber::alphanumeric, "€"},
      {"name of eleven characters", "14D0E170381C0E87C3E17018", TypeOfNumber::alphanumeric, "aaaaaaaaaaa"},
      {"name of eight that ends in @", "0FD0E170381C0E870100", TypeOfNumber::alphanumeric, "aaaaaaa@"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const std::string hex = "04" + c.hex + "0000515071322005230141";
    const auto message = decode_as<Deliver>(hex);
    CHECK(message.sender.type_of_number == c.type_of_number);
    CHECK(message.sender.to_string() == c.shown);
    CHECK(encode(message) == hex);
  }
}

TEST_CASE("pdu: a name of seven counted as fourteen semi-octets has no @ at its end") {
  CHECK(decode_as<Deliver>("040ED0D432DBFC96D3010000515071322005230141").sender.value == "Telfort");
}

TEST_CASE("pdu: addresses that cannot be written") {
  const Address cases[] = {
      {TypeOfNumber::international, 1, "123456789012345678901"},
      {TypeOfNumber::international, 1, "12+3"},
      {TypeOfNumber::alphanumeric, 0, "aaaaaaaaaaaa"},
      {TypeOfNumber::alphanumeric, 0, "漢"},
  };
  for (const Address& address : cases) {
    INFO(address.value);
    Submit submit;
    submit.recipient = address;
    const auto octets = encode_tpdu(submit);
    REQUIRE_FALSE(octets.has_value());
    CHECK(octets.error().code == Errc::bad_input);
  }
}

TEST_CASE("pdu: addresses from numbers") {
  CHECK(Address::from_number("+4915").value() == Address{TypeOfNumber::international, 1, "4915"});
  CHECK(Address::from_number("70700").value() == Address{TypeOfNumber::unknown, 1, "70700"});
  CHECK(Address::from_number("*100#").value() == Address{TypeOfNumber::unknown, 1, "*100#"});
  for (const std::string number : {"", "+", "+49 15", "+*1", "Telfort", "123456789012345678901", "49+15"}) {
    INFO(number);
    REQUIRE_FALSE(Address::from_number(number).has_value());
    CHECK(Address::from_number(number).error().code == Errc::bad_input);
  }
}

TEST_CASE("pdu: timestamps both ways") {
  struct Case {
    std::string hex;
    std::string shown;
  };
  const Case cases[] = {
      {"51507132200523", "2015-05-17T23:02:50+08:00"}, {"81117002212200", "2018-11-07T20:12:22Z"},
      {"8111700212222B", "2018-11-07T20:21:22-08:00"}, {"00101000000000", "2000-01-01T00:00:00Z"},
      {"02209232959500", "2020-02-29T23:59:59Z"},      {"98211232959500", "2089-12-21T23:59:59Z"},
      {"09101000000000", "1990-01-01T00:00:00Z"},      {"51507132200597", "2015-05-17T23:02:50+19:45"},
      {"42309221000074", "2024-03-29T12:00:00+11:45"}, {"4230922100006D", "2024-03-29T12:00:00-14:00"},
      {"00000000000000", "1970-01-01T00:00:00Z"},      {"00000000000080", "1970-01-01T02:00:00+02:00"},
  };
  for (const Case& c : cases) {
    INFO(c.hex);
    const auto message = decode_as<Deliver>("04049136190000" + c.hex + "0141");
    CHECK(message.timestamp.to_rfc3339() == c.shown);
    CHECK(encode(message) == "04049136190000" + c.hex + "0141");
  }
}

TEST_CASE("pdu: octets that make no date do not lose the message") {
  for (const std::string hex : {"42319221000000", "42309342000000", "42209332000000", "42309224000000",
                                "42309221060000", "42309221000600", "A1507132200523", "FFFFFFFFFFFFFF"}) {
    INFO(hex);
    const auto message = decode_as<Deliver>("04049136190000" + hex + "0141");
    CHECK(message.timestamp.utc == std::chrono::sys_seconds{});
    CHECK_FALSE(message.timestamp.is_date());
    CHECK(decode_text(message.user_data).value() == "A");
  }
}

TEST_CASE("pdu: an address that is none is left out, and the text is read") {
  struct Case {
    const char* name;
    std::string address;  // TP-OA
    Address expected;
  };
  const Address none;
  const Case cases[] = {
      {"empty", "0091", {TypeOfNumber::international, 1, ""}},
      {"21 digits", "159121436587092143658709F1", none},
      {"as many as its length can say", "FE91" + std::string(254, '1'), none},
      {"a filler among the digits", "0691F21436", none},
      {"a filler counted along", "0C912170203031F1", {TypeOfNumber::international, 1, "12070203131"}},
      {"two fillers counted along", "06912143FF", {TypeOfNumber::international, 1, "1234"}},
      {"nothing but fillers", "0491FFFF", {TypeOfNumber::international, 1, ""}},
      {"an odd number of digits", "05812143F5", {TypeOfNumber::unknown, 1, "12345"}},
      {"a name of 12 letters", "15D0E170381C0E87C3E1703801", none},
      {"a name that is cut in its second letter", "03D0C100", {TypeOfNumber::alphanumeric, 0, "A"}},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const auto message = decode_as<Deliver>("04" + c.address + "000062110221000000" + "0141");
    CHECK(message.sender == c.expected);
    CHECK(message.timestamp.is_date());
    CHECK(decode_text(message.user_data).value() == "A");
  }
  for (const std::string recipient : {"0691F21436", "159121436587092143658709F1"}) {
    INFO(recipient);
    const auto report = decode_as<StatusReport>("0607" + recipient + "621102210000006211022100000000");
    CHECK(report.recipient == none);
    CHECK(report.reference == 7);
  }
  // What we send, and what a modem is asked to, is not guessed.
  CHECK_FALSE(decode("01000691F2143600000141", Direction::from_mobile).has_value());
}

TEST_CASE("pdu: a service centre that is none is left out, and the text is read") {
  for (const std::string smsc : {"0691F214365821", "0191", "02913F"}) {
    INFO(smsc);
    const auto pdu =
        decode_pdu(from_hex(smsc + "040491361900006211022100000001" + "41").value(), Direction::to_mobile);
    REQUIRE(pdu.has_value());
    CHECK(pdu->smsc.empty());
    CHECK(decode_text(std::get<Deliver>(pdu->tpdu).user_data).value() == "A");
  }
}

TEST_CASE("pdu: a zone that is none is UTC, and the date still counts") {
  for (const std::string zone : {"FF", "A0", "F3"}) {
    INFO(zone);
    const auto message = decode_as<Deliver>("04049136190000621102210000" + zone + "0141");
    CHECK(message.timestamp.is_date());
    CHECK(message.timestamp.to_rfc3339() == "2026-11-20T12:00:00Z");
  }
}

TEST_CASE("pdu: timestamps that cannot be written") {
  const std::chrono::sys_seconds noon = std::chrono::sys_days{std::chrono::year{2026} / 3 / 14} + 12h;
  const Timestamp cases[] = {{noon, 7min},
                             {noon, 20h},
                             {noon, -20h},
                             {noon - std::chrono::years(40), 0min},
                             {noon + std::chrono::years(70), 0min}};
  for (const Timestamp& timestamp : cases) {
    INFO(timestamp.to_rfc3339());
    Deliver message;
    message.timestamp = timestamp;
    const auto octets = encode_tpdu(message);
    REQUIRE_FALSE(octets.has_value());
    CHECK(octets.error().code == Errc::bad_input);
  }
}

TEST_CASE("pdu: relative validity periods") {
  struct Case {
    std::string octet;
    std::chrono::seconds period;
  };
  const Case cases[] = {{"00", 5min},        {"0B", 1h},          {"8F", 12h},
                        {"90", 12h + 30min}, {"A7", 24h},         {"A8", 24h * 2},
                        {"C4", 24h * 30},    {"C5", 24h * 7 * 5}, {"FF", 24h * 7 * 63}};
  for (const Case& c : cases) {
    INFO(c.octet);
    const std::string hex = "1100049136190000" + c.octet + "0141";
    const auto submit = decode_as<Submit>(hex, Direction::from_mobile);
    CHECK(submit.validity == c.period);
    CHECK(encode(submit) == hex);
  }
  Submit submit = submit_to("+49");
  submit.validity = 7min;
  CHECK(encode_tpdu(submit).error().message == "TP-VP: no relative period of 420 s");
}

TEST_CASE("pdu: enhanced validity periods") {
  struct Case {
    std::string octets;
    std::optional<std::chrono::seconds> period;
  };
  const Case cases[] = {
      {"00000000000000", {}},  {"010B0000000000", 1h},
      {"022D0000000000", 45s}, {"03211532000000", 12h + 51min + 23s},
      {"81000B00000000", 1h},  {"04000000000000", {}},
      {"FFFFFFFFFFFFFF", {}},
  };
  for (const Case& c : cases) {
    INFO(c.octets);
    const auto submit = decode_as<Submit>("0900049136190000" + c.octets + "0141", Direction::from_mobile);
    CHECK(submit.validity == c.period);
    CHECK(decode_text(submit.user_data).value() == "A");
  }
  CHECK(decode("090004913619000003A1000000000000", Direction::from_mobile).error().message ==
        "TP-VP: not decimal digits");
}

TEST_CASE("pdu: absolute validity and all bits of a SUBMIT") {
  const std::string hex = "BD070491361900005150713220052301C1";
  const auto submit = decode_as<Submit>(hex, Direction::from_mobile);
  REQUIRE(submit.validity_until.has_value());
  CHECK(submit.validity_until->to_rfc3339() == "2015-05-17T23:02:50+08:00");
  CHECK_FALSE(submit.validity.has_value());
  CHECK((submit.reject_duplicates && submit.request_status_report && submit.reply_path));
  CHECK(submit.reference == 7);
  Submit both = submit;
  both.validity = 1h;
  CHECK_FALSE(encode_tpdu(both).has_value());
}
