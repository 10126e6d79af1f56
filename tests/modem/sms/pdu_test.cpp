// The TPDU codec where the public vectors (vectors_test.cpp) do not reach: what real networks and modems do,
// and what must be refused (modem/pdu.h).
#include "modem/sms/pdu.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "modem/sms/user_data.h"
#include "tests/modem/sms/pdu_testing.h"

using namespace pigeon;
using namespace pigeon::test;
using namespace std::chrono_literals;

namespace {

// A DELIVER from +6391 with the given first octet, TP-DCS and TP-UDL with TP-UD.
std::string deliver(const char* first, const char* dcs, const std::string& user_data) {
  return std::string(first) + "04913619" + "00" + dcs + "51507132200523" + user_data;
}

}  // namespace

TEST_CASE("pdu: bits of a DELIVER's first octet") {
  const auto plain = decode_as<Deliver>(deliver("04", "00", "0141"));
  CHECK_FALSE((plain.more_messages || plain.status_report || plain.reply_path || plain.user_data.header));
  const auto all = decode_as<Deliver>(deliver("E0", "04", "020042"));
  CHECK((all.more_messages && all.status_report && all.reply_path));
  REQUIRE(all.user_data.header.has_value());
  CHECK(all.user_data.header->raw.empty());
  CHECK(to_hex(all.user_data.data) == "42");
  CHECK(encode(all) == deliver("E0", "04", "020042"));
}

TEST_CASE("pdu: a reserved message type to the mobile is read as a DELIVER") {
  CHECK(decode_text(decode_as<Deliver>(deliver("07", "00", "0141")).user_data).value() == "A");
  CHECK(decode("07", Direction::from_mobile).error().message == "TP-MTI: 3 is reserved");
}

TEST_CASE("pdu: octets behind the TPDU are ignored") {
  CHECK(decode_as<Deliver>(deliver("04", "00", "0141") + "FFFFFF") ==
        decode_as<Deliver>(deliver("04", "00", "0141")));
  const std::string report = "064204913619515071322005235150713220052300";
  const auto padded = decode_as<StatusReport>(report + "FFFFFF");
  CHECK(padded == decode_as<StatusReport>(report));
  CHECK_FALSE(padded.pid.has_value());
}

TEST_CASE("pdu: errors name the field") {
  struct Case {
    std::string hex;
    std::string message;
  };
  const Case cases[] = {
      {"", "TP-MTI: missing"},
      {"04", "TP-OA: missing"},
      {"04159136", "TP-OA: 11 octets, only 1 left"},
      {"04049136", "TP-OA: 2 octets, only 1 left"},
      {"0404913619", "TP-PID: missing"},
      {"040491361900", "TP-DCS: missing"},
      {"04049136190000515071322005", "TP-SCTS: 7 octets, only 6 left"},
      {"0404913619000051507132200523", "TP-UDL: missing"},
      {deliver("04", "00", "08C8303A8C0EA3"), "TP-UD: 7 octets, only 6 left"},
      {deliver("04", "08", "040041"), "TP-UD: 4 octets, only 2 left"},
      {deliver("44", "04", "00"), "TP-UDHL: 1 octets of header, TP-UDL is 0"},
      {deliver("44", "04", "03050003"), "TP-UDHL: 6 octets of header, TP-UDL is 3"},
      {deliver("44", "00", "0200"), "TP-UD: 2 octets, only 1 left"},
      {deliver("44", "00", "0100"), "TP-UDHL: 1 octets of header, TP-UDL is 1"},
  };
  for (const Case& c : cases) {
    INFO(c.hex);
    const auto tpdu = decode(c.hex);
    REQUIRE_FALSE(tpdu.has_value());
    CHECK(tpdu.error().code == Errc::bad_input);
    CHECK(tpdu.error().message == c.message);
  }
}

TEST_CASE("pdu: information elements") {
  struct Case {
    std::string name;
    std::string header;  // UDHL and elements; the text "A" follows as 8-bit data
    std::optional<Concatenation> concatenation;
    std::optional<Ports> ports;
    std::uint8_t locking_shift, single_shift;
  };
  const Concatenation narrow{.reference = 0x0C, .wide = false, .count = 3, .number = 2};
  const Concatenation wide{.reference = 0x0C0D, .wide = true, .count = 3, .number = 2};
  const Case cases[] = {
      {"8-bit reference", "0500030C0302", narrow, {}, 0, 0},
      {"16-bit reference", "0608040C0D0302", wide, {}, 0, 0},
      {"the last of two counts", "0B0003FF050108040C0D0302", wide, {}, 0, 0},
      {"part 0", "0500030C0300", {}, {}, 0, 0},
      {"part beyond the count", "0500030C0304", {}, {}, 0, 0},
      {"count 0", "0500030C0000", {}, {}, 0, 0},
      {"a wrong element length", "0400020C03", {}, {}, 0, 0},
      {"16-bit ports", "0605040B8423F0", {}, Ports{.destination = 2948, .source = 9200}, 0, 0},
      {"8-bit ports", "040402F001", {}, Ports{.destination = 240, .source = 1}, 0, 0},
      {"shifts", "0624010125010D", {}, {}, 13, 1},
      {"reserved languages", "0624010E250102", {}, {}, 0, 0},
      {"unknown elements are skipped", "097002010200030C0302", narrow, {}, 0, 0},
      {"the last element too long: the header is ignored", "0700030C03027001", {}, {}, 0, 0},
      {"one octet too many: the header is ignored", "0600030C030270", {}, {}, 0, 0},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const std::size_t length = c.header.size() / 2 + 1;
    const auto octet = static_cast<std::uint8_t>(length);
    const std::string hex = deliver("44", "04", to_hex({&octet, 1}) + c.header + "41");
    const auto message = decode_as<Deliver>(hex);
    REQUIRE(message.user_data.header.has_value());
    CHECK(message.user_data.header->concatenation == c.concatenation);
    CHECK(message.user_data.header->ports == c.ports);
    CHECK(message.user_data.header->locking_shift == c.locking_shift);
    CHECK(message.user_data.header->single_shift == c.single_shift);
    CHECK(to_hex(message.user_data.header->raw) == c.header.substr(2));
    CHECK(to_hex(message.user_data.data) == "41");
    CHECK(encode(message) == hex);
  }
}

TEST_CASE("pdu: a message waiting indication is known by its information element") {
  // The header is followed by "A" as 8-bit data.
  for (const char* header : {"0401028003", "06230401020304", "090003420201010200FF"}) {
    INFO(header);
    const auto length = static_cast<std::uint8_t>(from_hex(header).value().size() + 1);
    const auto message = decode_as<Deliver>(deliver("44", "04", to_hex({&length, 1}) + header + "41"));
    CHECK(message.user_data.header->message_waiting);
    CHECK(decode_text(message.user_data).value() == "A");
  }
  CHECK_FALSE(decode_as<Deliver>(deliver("44", "04", "070500030C030241")).user_data.header->message_waiting);
}

TEST_CASE("pdu: what stands in front of user data that is cut off") {
  // A field case: TP-UDL says 68 octets, and 16 came.
  const auto cut_off =
      from_hex("07919130079229F0240B912120550500F10008621102210000004400680061006C00660020006F0066002000");
  REQUIRE_FALSE(decode_pdu(*cut_off, Direction::to_mobile).has_value());
  const auto head = decode_deliver_head(*cut_off);
  REQUIRE(head.has_value());
  CHECK(head->sender.to_string() == "+12025550001");
  CHECK(head->user_data.dcs == 0x08);
  CHECK(head->timestamp.to_rfc3339() == "2026-11-20T12:00:00Z");
  CHECK(head->user_data.data.empty());
  struct Row {
    const char* name;
    const char* hex;
  };
  for (const Row& row : {Row{"the time stamp is cut off too", "07919130079229F0240B912120550500F10008621102"},
                         Row{"a SUBMIT that claims a centre of 65 octets",
                             "41000B815155219999F900005D0605041578000041424344454647484950515253545556"},
                         Row{"four octets of text", "0048006500"}, Row{"nothing", ""},
                         Row{"a status report", "00064206911346000051507132200523"}}) {
    INFO(row.name);
    CHECK_FALSE(decode_deliver_head(from_hex(row.hex).value()).has_value());
  }
}

TEST_CASE("pdu: a header that was not received is made of its fields") {
  Submit submit = submit_to("+491512345678");
  UserDataHeader& header = submit.user_data.header.emplace();
  header.concatenation = Concatenation{.reference = 0x1234, .wide = true, .count = 2, .number = 1};
  header.ports = Ports{.destination = 2948, .source = 9200};
  header.locking_shift = 13;
  header.single_shift = 1;
  submit.user_data.data = {0x03, 0x1B, 0x67};
  const auto back = decode_as<Submit>(encode(submit), Direction::from_mobile);
  REQUIRE(back.user_data.header.has_value());
  CHECK(to_hex(back.user_data.header->raw) == "08041234020105040B8423F024010125010D");
  UserDataHeader fields = *back.user_data.header;
  fields.raw.clear();
  CHECK(fields == header);
  CHECK(back.user_data.data == submit.user_data.data);
  CHECK(decode_text(back.user_data).value() == "ٻğ");
}

TEST_CASE("pdu: text behind headers of every length") {
  for (std::uint8_t padding = 0; padding < 16; ++padding) {
    for (std::size_t length = 0; length < 20; ++length) {
      INFO("padding ", int{padding}, ", text ", length);
      Submit submit = submit_to("+49");
      Octets& raw = submit.user_data.header.emplace().raw;
      raw = {0x70, padding};  // an element of no meaning
      raw.resize(raw.size() + padding, 0xFF);
      for (std::size_t i = 0; i < length; ++i)
        submit.user_data.data.push_back(static_cast<std::uint8_t>(0x7F - i));
      CHECK(decode_as<Submit>(encode(submit), Direction::from_mobile) == submit);
    }
  }
}

TEST_CASE("pdu: how much fits") {
  Submit submit = submit_to("+49");
  submit.user_data.data.assign(160, 'a');
  CHECK(encode_tpdu(submit).has_value());
  submit.user_data.data.push_back('a');
  CHECK_FALSE(encode_tpdu(submit).has_value());
  submit.user_data.header.emplace().concatenation =
      Concatenation{.reference = 1, .wide = false, .count = 2, .number = 1};
  submit.user_data.data.resize(154);
  CHECK_FALSE(encode_tpdu(submit).has_value());
  submit.user_data.data.resize(153);
  CHECK(encode_tpdu(submit).has_value());
  submit.user_data.dcs = 4;
  submit.user_data.data.resize(135);
  CHECK_FALSE(encode_tpdu(submit).has_value());
  submit.user_data.data.resize(134);
  CHECK(encode_tpdu(submit).has_value());
}

TEST_CASE("pdu: user data that cannot be written") {
  Submit octet_in_septets = submit_to("+49");
  octet_in_septets.user_data.data = {0x80};
  CHECK_FALSE(encode_tpdu(octet_in_septets).has_value());
  const Concatenation impossible[] = {{.reference = 1, .wide = false, .count = 2, .number = 0},
                                      {.reference = 1, .wide = false, .count = 2, .number = 3},
                                      {.reference = 256, .wide = false, .count = 2, .number = 1}};
  for (const Concatenation& concatenation : impossible) {
    Submit submit = submit_to("+49");
    submit.user_data.header.emplace().concatenation = concatenation;
    CHECK_FALSE(encode_tpdu(submit).has_value());
  }
}

TEST_CASE("pdu: reports with and without a failure cause") {
  const auto acknowledged = decode_as<DeliverReport>("0000", Direction::from_mobile);
  CHECK_FALSE(acknowledged.failure_cause.has_value());
  CHECK(encode(acknowledged) == "0000");
  const auto refused = decode_as<DeliverReport>("00D300", Direction::from_mobile);
  CHECK(refused.failure_cause == 0xD3);  // memory capacity exceeded
  CHECK(encode(refused) == "00D300");
  const auto submitted = decode_as<SubmitReport>("010051507132200523");
  CHECK_FALSE(submitted.failure_cause.has_value());
  CHECK(encode(submitted) == "010051507132200523");
  CHECK(decode_as<DeliverReport>("008101AB", Direction::from_mobile).pid == 0xAB);
  CHECK(decode_as<DeliverReport>("00C08100AB", Direction::from_mobile).pid == 0xAB);  // two octets of TP-PI
  CHECK_FALSE(encode_tpdu(DeliverReport{.failure_cause = 7, .pid = {}, .user_data = {}}).has_value());
}

TEST_CASE("pdu: a status report with text and a header") {
  const std::string hex = "6642049136195150713220052351507132200523000700080A050003010201041F0041";
  const auto report = decode_as<StatusReport>(hex);
  CHECK(report.of_command);
  CHECK_FALSE(report.more_messages);
  CHECK(report.status == 0);
  REQUIRE(report.user_data.has_value());
  CHECK(decode_text(*report.user_data).value() == "ПA");
  CHECK(report.user_data->header->concatenation->count == 2);
  CHECK(encode(report) == hex);
}

TEST_CASE("pdu: a COMMAND keeps its bits and its octets") {
  const std::string hex = "6242AB8934049136190403010203";
  const auto command = decode_as<Command>(hex, Direction::from_mobile);
  CHECK((command.has_header && command.request_status_report));
  CHECK(command.command_type == 0x89);
  CHECK(command.message_number == 0x34);
  CHECK(to_hex(command.data) == "03010203");
  CHECK(encode(command) == hex);
  Command too_long = command;
  too_long.data.resize(158);
  CHECK_FALSE(encode_tpdu(too_long).has_value());
}

TEST_CASE("pdu: the service centre's address") {
  struct Case {
    std::string hex;
    std::string smsc;
  };
  const Case cases[] = {{"00", ""}, {"07919730071111F1", "+79037011111"}, {"03812143", "1234"}};
  const std::string tpdu = deliver("04", "00", "0141");
  for (const Case& c : cases) {
    INFO(c.hex);
    const Octets octets = from_hex(c.hex + tpdu).value();
    const auto pdu = decode_pdu(octets, Direction::to_mobile);
    REQUIRE(pdu.has_value());
    CHECK(pdu->smsc == c.smsc);
    CHECK(encode_pdu(*pdu).value() == octets);
    CHECK(smsc_length(octets) == c.hex.size() / 2);
  }
  const Octets type_only = from_hex("0191" + tpdu).value();
  CHECK(decode_pdu(type_only, Direction::to_mobile).value().smsc.empty());
  CHECK(decode_pdu(Octets{}, Direction::to_mobile).error().message == "SMSC: missing");
  CHECK(decode_pdu(from_hex("0791973007").value(), Direction::to_mobile).error().message ==
        "SMSC: 7 octets, only 4 left");
  for (const std::string smsc : {"+", "+49x", "123456789012345678901"}) {
    INFO(smsc);
    CHECK_FALSE(encode_pdu({.smsc = smsc, .tpdu = Deliver{}}).has_value());
  }
}

TEST_CASE("pdu: with or without the service centre's address") {
  const std::string tpdus[] = {deliver("04", "00", "0141"), deliver("44", "00", "0805000301020182"),
                               deliver("00", "00", "0141"), "064204913619515071322005235150713220052300"};
  for (const std::string& tpdu : tpdus) {
    INFO(tpdu);
    const Octets bare = from_hex(tpdu).value();
    const auto expected = decode_tpdu(bare, Direction::to_mobile);
    REQUIRE(expected.has_value());
    CHECK(decode_pdu_or_tpdu(bare, Direction::to_mobile).value() == Pdu{.smsc = {}, .tpdu = *expected});
    const auto with_smsc =
        decode_pdu_or_tpdu(from_hex("07919730071111F1" + tpdu).value(), Direction::to_mobile);
    CHECK(with_smsc.value() == Pdu{.smsc = "+79037011111", .tpdu = *expected});
    CHECK(decode_pdu_or_tpdu(from_hex("00" + tpdu).value(), Direction::to_mobile).value().tpdu == *expected);
  }
  CHECK(decode_pdu_or_tpdu(from_hex("07919730071111F104").value(), Direction::to_mobile).error().message ==
        "TP-OA: missing");
  CHECK_FALSE(decode_pdu_or_tpdu({}, Direction::to_mobile).has_value());
}
