// The codecs against vectors of two public test suites (tests/data/sms/SOURCE.md). Every row is run and
// counted; where a row departs from the standard the product follows the standard, and the tables below name
// the departure, so that everything else in that row must still come out.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "modem/sms/gsm7.h"
#include "modem/sms/pdu.h"
#include "modem/sms/reassembly.h"
#include "modem/sms/user_data.h"

using namespace pigeon;
using namespace pigeon::modem;
using nlohmann::json;

namespace {

constexpr std::size_t kRows = 155;

struct TableDeparture {
  std::string_view row;
  std::uint8_t septet;
  char32_t standard;
  char32_t vector;
  std::string_view why;
};

// All 27 tables were compared with those that Android carries.
constexpr TableDeparture kTableDepartures[] = {
    {"sms/charset/hindi/locking", 0x00, U'\u0901', U'\u0981', "a Bengali sign in Devanagari's place"},
    {"sms/charset/hindi/locking", 0x01, U'\u0902', U'\u0982', "a Bengali sign in Devanagari's place"},
    {"sms/charset/hindi/locking", 0x02, U'\u0903', U'\u0983', "a Bengali sign in Devanagari's place"},
};

// Refused by its source; here a text with half a surrogate pair is kept, and U+FFFD stands in its place.
constexpr std::string_view kUnreadableThere = "sms/TestDecode/ucs2 dangling surrogate";

struct FieldDeparture {
  std::string_view row;
  std::string_view field;
  std::string_view standard;  // as JSON; "null": the TPDU has no such field
  std::string_view why;
};

constexpr std::string_view kOctetsWithoutDcs =
    "without a TP-DCS the text is six septets (TS 23.040 §9.2.3.27); the source writes six octets there";
constexpr FieldDeparture kFieldDepartures[] = {
    {"sms/TestUnmarshalBinary/SmsCommand", "dcs", "null", "a COMMAND has no TP-DCS (§9.2.2.4)"},
    {"sms/TestMarshalBinary/SmsDeliverReport ud", "data_hex", R"("724A417B260E")", kOctetsWithoutDcs},
    {"sms/TestMarshalBinary/SmsDeliverReport ud", "pdu", R"("001204067265706F7200")", kOctetsWithoutDcs},
    {"sms/TestMarshalBinary/SmsStatusReport dcsless", "data_hex", R"("724A417B260E")", kOctetsWithoutDcs},
    {"sms/TestMarshalBinary/SmsStatusReport dcsless", "pdu",
     R"("0642049136195150713220052351408132200542AB0589067265706F7200")", kOctetsWithoutDcs},
    {"sms/TestMarshalBinary/SmsSubmitReport ud", "data_hex", R"("724A417B260E")", kOctetsWithoutDcs},
    {"sms/TestMarshalBinary/SmsSubmitReport ud", "pdu", R"("01120451507132200523067265706F7200")",
     kOctetsWithoutDcs},
};

struct ElementDeparture {
  std::string_view row;
  std::uint8_t standard;
  std::uint8_t vector;
  std::string_view why;
};

constexpr std::string_view kDecimalIdentifier =
    "the shift elements are hexadecimal 24 and 25 (TS 23.040 §9.2.3.24); the source reads the numbers as "
    "decimal";
constexpr ElementDeparture kElementDepartures[] = {
    {"sms/TestDecode/single segment 7bit implicit urdu", 0x25, 0x19, kDecimalIdentifier},
    {"sms/TestDecode/single segment 7bit explicit urdu", 0x25, 0x19, kDecimalIdentifier},
    {"sms/TestDecode/single segment 7bit locking urdu", 0x25, 0x19, kDecimalIdentifier},
    {"sms/TestDecode/single segment 7bit urdu unsupported", 0x25, 0x19, kDecimalIdentifier},
    {"sms/TestDecode/single segment 7bit shift urdu", 0x24, 0x18, kDecimalIdentifier},
};

// Departures that were met; one that is not any more would be a leftover.
std::set<const void*> met_departures;

const FieldDeparture* departure_of(const std::string& row, std::string_view field) {
  for (const FieldDeparture& departure : kFieldDepartures) {
    if (departure.row == row && departure.field == field) return &departure;
  }
  return nullptr;
}

void check_field(const std::string& row, const std::string& field, const json& found, const json& vector) {
  INFO(field);
  if (const FieldDeparture* departure = departure_of(row, field)) {
    met_departures.insert(departure);
    const json standard = json::parse(departure->standard);
    CHECK(found == standard);
    CHECK(vector != standard);
  } else {
    CHECK(found == vector);
  }
}

std::vector<json> rows() {
  std::ifstream file(PIGEON_TEST_DATA "/sms/vectors.jsonl");
  std::vector<json> rows;
  for (std::string line; std::getline(file, line);) rows.push_back(json::parse(line));
  return rows;
}

Direction direction_of(const std::string& kind) {
  if (kind == "deliver" || kind == "status-report" || kind == "submit-report") return Direction::to_mobile;
  REQUIRE((kind == "submit" || kind == "deliver-report" || kind == "command"));
  return Direction::from_mobile;
}

void describe(json& seen, const UserData& user_data) {
  seen["dcs"] = user_data.dcs;
  seen["data_hex"] = to_hex(user_data.data);
  if (const auto text = decode_text(user_data)) seen["text"] = *text;
  if (!user_data.header || !user_data.header->concatenation) return;
  const Concatenation& part = *user_data.header->concatenation;
  seen["concat"] = {{"ref", part.reference}, {"seq", part.number}, {"total", part.count}};
}

// What all reports have.
template <typename Report>
json describe_report(const Report& report) {
  json seen;
  if (report.pid) seen["pid"] = *report.pid;
  if (report.user_data) describe(seen, *report.user_data);
  return seen;
}

struct Describe {
  json operator()(const Deliver& deliver) const {
    json seen{{"number", deliver.sender.to_string()},
              {"pid", deliver.pid},
              {"timestamp", deliver.timestamp.to_rfc3339()}};
    describe(seen, deliver.user_data);
    return seen;
  }
  json operator()(const Submit& submit) const {
    json seen{{"mr", submit.reference}, {"number", submit.recipient.to_string()}, {"pid", submit.pid}};
    if (submit.validity) seen["validity_seconds"] = submit.validity->count();
    describe(seen, submit.user_data);
    return seen;
  }
  json operator()(const StatusReport& report) const {
    json seen = describe_report(report);
    seen["mr"] = report.reference;
    seen["number"] = report.recipient.to_string();
    seen["timestamp"] = report.timestamp.to_rfc3339();
    seen["discharge"] = report.discharge.to_rfc3339();
    seen["status"] = report.status;
    return seen;
  }
  json operator()(const DeliverReport& report) const {
    json seen = describe_report(report);
    if (report.failure_cause) seen["fcs"] = *report.failure_cause;
    return seen;
  }
  json operator()(const SubmitReport& report) const {
    json seen = describe_report(report);
    if (report.failure_cause) seen["fcs"] = *report.failure_cause;
    seen["timestamp"] = report.timestamp.to_rfc3339();
    return seen;
  }
  json operator()(const Command& command) const {
    return {{"mr", command.reference},
            {"pid", command.pid},
            {"number", command.recipient.to_string()},
            {"data_hex", to_hex(command.data)},
            {"text", std::string(command.data.begin(), command.data.end())}};
  }
};

Result<Pdu> decode_row(const json& row, const std::string& hex) {
  const auto octets = from_hex(hex);
  if (!octets) return fail(Errc::bad_input, "not hex");
  const Direction direction = direction_of(row["kind"]);
  if (row["smsc"].get<bool>()) return decode_pdu(*octets, direction);
  auto tpdu = decode_tpdu(*octets, direction);
  if (!tpdu) return tl::unexpected(tpdu.error());
  return Pdu{.smsc = {}, .tpdu = *tpdu};
}

void check_pdu_row(const json& row) {
  const std::string hex = row["pdu"].is_string() ? row["pdu"] : row["input_text"];
  const auto pdu = decode_row(row, hex);
  const std::string outcome = row["outcome"];
  if (outcome == "any") return;
  CHECK(pdu.has_value() == (outcome == "ok"));
  if (!pdu) {
    CHECK(pdu.error().code == Errc::bad_input);
    return;
  }
  json seen = std::visit(Describe{}, pdu->tpdu);
  seen["smsc"] = pdu->smsc;
  for (const auto& [field, value] : row["expect"].items()) {
    check_field(row["id"], field, seen.contains(field) ? seen[field] : json(), value);
  }
  if (!row.value("encode", false)) return;
  REQUIRE_FALSE(row["smsc"].get<bool>());
  const auto encoded = encode_tpdu(pdu->tpdu);
  REQUIRE(encoded.has_value());
  check_field(row["id"], "pdu", to_hex(*encoded), row["pdu"]);
}

// A part with its header as the decoder reads it. (Some of the parts are longer than a TP-UD: the rest is as
// given.)
UserData part_of(const json& part, const std::string& row) {
  UserData user_data{.dcs = part["dcs"], .header = std::nullopt, .data = {}};
  if (Octets elements = from_hex(part["udh_hex"].get<std::string>()).value(); !elements.empty()) {
    for (const ElementDeparture& departure : kElementDepartures) {
      if (departure.row != row) continue;
      met_departures.insert(&departure);
      CHECK(elements[0] == departure.vector);
      elements[0] = departure.standard;
    }
    Deliver deliver;
    deliver.user_data.header.emplace().raw = elements;
    const Octets encoded = encode_tpdu(deliver).value();
    user_data.header = std::get<Deliver>(decode_tpdu(encoded, Direction::to_mobile).value()).user_data.header;
  }
  user_data.data = from_hex(part["ud_hex"].get<std::string>()).value();
  return user_data;
}

void check_user_data_row(const json& row) {
  // One row decodes with an option of its source: no national tables at all.
  const bool default_only = row.value("note", "").find("WithDefaultCharset") != std::string::npos;
  std::vector<UserData> parts;
  for (const json& part : row["parts"]) {
    parts.push_back(part_of(part, row["id"].get<std::string>()));
    if (default_only) parts.back().header.reset();
  }
  std::vector<const UserData*> pointers;
  for (const UserData& part : parts) pointers.push_back(&part);
  const auto text = decode_text(pointers);
  if (row["id"] == kUnreadableThere) {
    CHECK(row["outcome"] == "error");
    CHECK(text.value() == "😁\uFFFD");
    return;
  }
  CHECK(text.has_value() == (row["outcome"] == "ok"));
  if (text && row["expect"].contains("text")) CHECK(*text == row["expect"]["text"].get<std::string>());
  if (!text) CHECK(text.error().code == Errc::bad_input);
}

const std::vector<std::string> kLanguageNames = {"default",  "turkish", "spanish", "portuguese", "bengali",
                                                 "gujarati", "hindi",   "kannada", "malayalam",  "oriya",
                                                 "punjabi",  "tamil",   "telugu",  "urdu"};

std::uint8_t language_of(const std::string& name) {
  const auto found = std::find(kLanguageNames.begin(), kLanguageNames.end(), name);
  REQUIRE(found != kLanguageNames.end());
  return static_cast<std::uint8_t>(found - kLanguageNames.begin());
}

// The character a row gives a septet, nothing where it gives none; the standard's where the row departs from
// it.
std::optional<char32_t> expected_character(const json& row, std::uint8_t septet) {
  const std::string key = to_hex({&septet, 1});
  const json& map = row["expect"]["map"];
  if (!map.contains(key)) return std::nullopt;
  std::size_t position = 0;
  const auto text = map[key].get<std::string>();
  const char32_t character = next_code_point(text, position);
  REQUIRE(position == text.size());
  for (const TableDeparture& departure : kTableDepartures) {
    if (departure.row != row["id"].get<std::string>() || departure.septet != septet) continue;
    met_departures.insert(&departure);
    CHECK(character == departure.vector);
    return departure.standard;
  }
  return character;
}

void check_table_row(const json& row) {
  const bool locking = row["lang"].contains("locking");
  const std::uint8_t language = language_of(row["lang"][locking ? "locking" : "single"]);
  for (std::uint8_t septet = 0; septet < 0x80; ++septet) {
    INFO("septet ", int{septet});
    const auto found =
        locking ? locking_character(language, septet) : single_shift_character(language, septet);
    CHECK(found == expected_character(row, septet));
  }
}

struct Part {
  UserData user_data;
  PartKey key;
};

Part part_of(const json& row, const char* field, std::int64_t id) {
  const auto pdu = decode_row(row, row[field]);
  REQUIRE(pdu.has_value());
  const Deliver& deliver = std::get<Deliver>(pdu->tpdu);
  REQUIRE(deliver.user_data.header.has_value());
  REQUIRE(deliver.user_data.header->concatenation.has_value());
  return {deliver.user_data, part_key(id, *encode_pdu(*pdu), {}, "main").value()};
}

// Two parts: what they say together, and whether they are all of the message.
void check_assembly_row(const json& row) {
  std::vector<Part> parts{part_of(row, "pdu", 1), part_of(row, "second_pdu", 2)};
  const Concatenation first = parts[0].key.concatenation;
  const Concatenation second = parts[1].key.concatenation;
  const auto joined = whole_message({parts[0].key, parts[1].key}, 2);
  const bool same_message = first.reference == second.reference && first.count == second.count;
  CHECK(same_message == row.contains("assembled"));
  CHECK(joined.has_value() == (same_message && first.count == 2 && first.number != second.number));
  if (!same_message) return;
  std::vector<const Part*> order{&parts[0]};
  if (first.number != second.number) order.push_back(&parts[1]);
  std::ranges::sort(order, {}, [](const Part* part) { return part->key.concatenation.number; });
  std::vector<const UserData*> pointers;
  for (const Part* part : order) pointers.push_back(&part->user_data);
  CHECK(decode_text(pointers).value() == row["assembled"].get<std::string>());
  if (joined) CHECK(joined->ids == std::vector{order.at(0)->key.id, order.at(1)->key.id});
}

void check_row(const json& row) {
  if (row["kind"] == "ud")
    check_user_data_row(row);
  else if (row["kind"] == "gsm7-table")
    check_table_row(row);
  else if (row.contains("second_pdu"))
    check_assembly_row(row);
  else
    check_pdu_row(row);
}

}  // namespace

TEST_CASE("vectors: every row of the public suites") {
  met_departures.clear();
  std::size_t tested = 0;
  for (const json& row : rows()) {
    const std::string id = row["id"];
    INFO("row ", id);
    check_row(row);
    ++tested;
  }
  CHECK(tested == kRows);
  CHECK(met_departures.size() ==
        std::size(kTableDepartures) + std::size(kFieldDepartures) + std::size(kElementDepartures));
}
