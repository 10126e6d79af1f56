// PDUs to JSON objects and back; see pdu_json.h.
#include "cli/pdu_json.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "modem/sms/segmenter.h"
#include "modem/sms/user_data.h"

namespace pigeon::cli {
namespace {

using modem::Address;
using modem::Deliver;
using modem::Pdu;
using modem::StatusReport;
using modem::Submit;
using modem::Timestamp;
using modem::Tpdu;
using modem::UserData;

// ── PDU to JSON ──

void add_text(Json& message, const UserData& user_data) {
  const auto text = modem::decode_text(user_data);
  if (text)
    message["text"] = *text;
  else
    message["error"] = text.error().message;
}

void add_parts_and_class(Json& message, const UserData& user_data) {
  if (user_data.header && user_data.header->concatenation) {
    const modem::Concatenation& part = *user_data.header->concatenation;
    message["concat"] = {{"ref", part.reference}, {"count", part.count}, {"number", part.number}};
  }
  if (const auto message_class = user_data.message_class()) message["class"] = *message_class;
  if (user_data.header && user_data.header->ports) {
    const modem::Ports& ports = *user_data.header->ports;
    message["ports"] = {{"destination", ports.destination}, {"source", ports.source}};
  }
}

struct Describe {
  const std::string& smsc;

  Result<Json> operator()(const Deliver& deliver) const {
    Json message{{"type", "deliver"}, {"smsc", smsc}, {"from", deliver.sender.to_string()}};
    add_text(message, deliver.user_data);
    message["timestamp"] = deliver.timestamp.to_rfc3339();
    add_parts_and_class(message, deliver.user_data);
    return message;
  }
  Result<Json> operator()(const Submit& submit) const {
    Json message{{"type", "submit"}, {"smsc", smsc}, {"to", submit.recipient.to_string()}};
    add_text(message, submit.user_data);
    add_parts_and_class(message, submit.user_data);
    return message;
  }
  Result<Json> operator()(const StatusReport& report) const {
    Json message{{"type", "status-report"}, {"smsc", smsc}, {"to", report.recipient.to_string()}};
    if (report.user_data) add_text(message, *report.user_data);
    message["timestamp"] = report.timestamp.to_rfc3339();
    if (report.user_data) add_parts_and_class(message, *report.user_data);
    message["reference"] = report.reference;
    message["status"] = report.status;
    message["discharge"] = report.discharge.to_rfc3339();
    return message;
  }
  Result<Json> operator()(const modem::DeliverReport&) const { return other(); }
  Result<Json> operator()(const modem::SubmitReport&) const { return other(); }
  Result<Json> operator()(const modem::Command&) const { return other(); }

 private:
  static Result<Json> other() { return fail(Errc::unsupported, "not a DELIVER, SUBMIT or STATUS-REPORT"); }
};

// ── JSON to PDU ──

// `count` decimal digits at `position`, -1 when there is anything else.
int digits_at(std::string_view text, std::size_t position, std::size_t count) {
  int value = -1;
  const char* begin = text.data() + position;
  const auto [end, error] = std::from_chars(begin, begin + count, value);
  return error == std::errc() && end == begin + count ? value : -1;
}

// RFC 3339 without fractions: "2015-05-17T23:02:50+08:00" or "…Z".
std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const bool zulu = text.size() == 20 && text[19] == 'Z';
  const bool offset = text.size() == 25 && (text[19] == '+' || text[19] == '-') && text[22] == ':';
  if (!zulu && !offset) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const int year_number = digits_at(text, 0, 4);
  const int month_number = digits_at(text, 5, 2);
  const int day_number = digits_at(text, 8, 2);
  const int clock[] = {digits_at(text, 11, 2), digits_at(text, 14, 2), digits_at(text, 17, 2)};
  const int zone[] = {zulu ? 0 : digits_at(text, 20, 2), zulu ? 0 : digits_at(text, 23, 2)};
  if (year_number < 0 || month_number < 0 || day_number < 0) return std::nullopt;
  const year_month_day date{year(year_number), month(static_cast<unsigned>(month_number)),
                            day(static_cast<unsigned>(day_number))};
  if (!date.ok() || clock[0] < 0 || clock[0] > 23 || clock[1] < 0 || clock[1] > 59) return std::nullopt;
  if (clock[2] < 0 || clock[2] > 59 || zone[0] < 0 || zone[1] < 0 || zone[1] > 59) return std::nullopt;
  Timestamp timestamp;
  timestamp.offset = (text[19] == '-' ? -1 : 1) * (hours(zone[0]) + minutes(zone[1]));
  timestamp.utc = sys_days(date) + hours(clock[0]) + minutes(clock[1]) + seconds(clock[2]) - timestamp.offset;
  return timestamp;
}

// Reads the fields of an object and remembers the first that is wrong, so that a message is read field after
// field and asked once at its end.
class FieldReader {
 public:
  FieldReader(const Json& object, std::initializer_list<std::string_view> keys) : object_(object) {
    if (!object.is_object()) {
      refuse("message", "not a JSON object");
      return;
    }
    for (const auto& [key, value] : object.items()) {
      if (std::ranges::find(keys, key) == keys.end()) refuse("\"" + key + "\"", "unknown key");
    }
  }

  void refuse(std::string_view key, std::string_view why) {
    if (!error_) error_ = Error{Errc::bad_input, std::string(key) + ": " + std::string(why), Retry::no};
  }
  // Takes over the error of something made of the fields.
  template <typename T>
  T take(Result<T> made) {
    if (made) return std::move(*made);
    if (!error_) error_ = std::move(made.error());
    return T{};
  }

  [[nodiscard]] bool has(const char* key) const { return object_.is_object() && object_.contains(key); }

  std::string string(const char* key) {
    if (!has(key)) return {};
    if (object_[key].is_string()) return object_[key].get<std::string>();
    refuse(key, "not a string");
    return {};
  }

  // `least` when absent.
  std::uint16_t number(const char* key, std::uint16_t least, std::uint16_t most) {
    if (!has(key)) return least;
    const Json& value = object_[key];
    if (value.is_number_unsigned() && value.get<std::uint64_t>() >= least &&
        value.get<std::uint64_t>() <= most) {
      return value.get<std::uint16_t>();
    }
    refuse(key, "not a number of " + std::to_string(least) + " to " + std::to_string(most));
    return least;
  }
  std::uint8_t octet(const char* key, std::uint8_t least = 0, std::uint8_t most = 0xFF) {
    return static_cast<std::uint8_t>(number(key, least, most));
  }

  // The unknown time when absent.
  Timestamp time(const char* key) {
    if (!has(key)) return {};
    const auto timestamp = parse_rfc3339(string(key));
    if (!timestamp) refuse(key, "not a time like 2015-05-17T23:02:50+08:00");
    return timestamp.value_or(Timestamp{});
  }

  // A number, or else a sender's name.
  Address address(const char* key) {
    const std::string value = string(key);
    if (value.empty()) refuse(key, "missing");
    if (Result<Address> number = Address::from_number(value)) return *number;
    return {.type_of_number = modem::TypeOfNumber::alphanumeric, .numbering_plan = 0, .value = value};
  }

  // The object under `key`, nothing when absent.
  std::optional<FieldReader> object(const char* key, std::initializer_list<std::string_view> keys) {
    if (!has(key)) return std::nullopt;
    return FieldReader(object_[key], keys);
  }

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  void take_error_of(std::string_view key, const FieldReader& inner) {
    if (inner.error_) refuse(key, inner.error_->message);
  }

 private:
  const Json& object_;
  std::optional<Error> error_;
};

void read_concatenation(FieldReader& message, UserData& user_data) {
  auto fields = message.object("concat", {"ref", "count", "number"});
  if (!fields) return;
  modem::Concatenation part;
  part.reference = fields->number("ref", 0, 0xFFFF);
  part.wide = part.reference > 0xFF;
  part.count = fields->octet("count", 1);
  part.number = fields->octet("number", 1, part.count);
  message.take_error_of("concat", *fields);
  if (!user_data.header) user_data.header.emplace();
  user_data.header->concatenation = part;
}

void read_ports(FieldReader& message, UserData& user_data) {
  auto fields = message.object("ports", {"destination", "source"});
  if (!fields) return;
  const std::uint16_t destination = fields->number("destination", 0, 0xFFFF);
  const std::uint16_t source = fields->number("source", 0, 0xFFFF);
  message.take_error_of("ports", *fields);
  if (!user_data.header) user_data.header.emplace();
  user_data.header->ports = modem::Ports{.destination = destination, .source = source};
}

std::vector<UserData> read_parts(FieldReader& message, std::uint8_t& reference) {
  auto parts = message.take(modem::segment_text(message.string("text"), reference));
  if (parts.empty()) return parts;
  if (parts.size() > 1) ++reference;
  if (message.has("class")) {
    const int message_class = message.octet("class", 0, 3);
    for (UserData& part : parts) part.dcs = static_cast<std::uint8_t>(part.dcs | 0x10 | message_class);
  }
  if (parts.size() > 1 && (message.has("concat") || message.has("ports"))) {
    message.refuse("text", "too long for one message, as concat and ports want it");
  }
  read_concatenation(message, parts.front());
  read_ports(message, parts.front());
  return parts;
}

std::vector<Tpdu> read_deliver(FieldReader& message, std::uint8_t& reference) {
  Deliver deliver;
  deliver.sender = message.address("from");
  deliver.timestamp = message.time("timestamp");
  std::vector<Tpdu> parts;
  for (UserData& part : read_parts(message, reference)) {
    deliver.user_data = std::move(part);
    parts.emplace_back(deliver);
  }
  return parts;
}

std::vector<Tpdu> read_submit(FieldReader& message, std::uint8_t& reference) {
  Submit submit;
  submit.recipient = message.address("to");
  std::vector<Tpdu> parts;
  for (UserData& part : read_parts(message, reference)) {
    submit.user_data = std::move(part);
    parts.emplace_back(submit);
  }
  return parts;
}

std::vector<Tpdu> read_status_report(FieldReader& message, std::uint8_t& reference) {
  StatusReport report;
  report.recipient = message.address("to");
  report.timestamp = message.time("timestamp");
  report.discharge = message.time("discharge");
  report.reference = message.octet("reference");
  report.status = message.octet("status");
  if (message.has("text")) {
    auto parts = read_parts(message, reference);
    if (parts.size() > 1) message.refuse("text", "too long for a status report");
    if (!parts.empty()) report.user_data = std::move(parts.front());
  }
  return {std::move(report)};
}

// Modems store DELIVER (TP-MTI 0), SUBMIT (1) and STATUS-REPORT (2), and no other TPDUs.
modem::Direction direction_of(std::uint8_t first_octet) {
  return (first_octet & 0x03) == 1 ? modem::Direction::from_mobile : modem::Direction::to_mobile;
}

// With the SMSC address in front if that works out, else as a bare TPDU.
Result<modem::Pdu> decode_octets(const modem::Octets& octets) {
  const std::size_t smsc_octets = modem::smsc_length(octets);
  if (smsc_octets == 0 || smsc_octets >= octets.size()) {
    return modem::decode_pdu_or_tpdu(octets, direction_of(octets.front()));
  }
  Result<modem::Pdu> pdu = modem::decode_pdu(octets, direction_of(octets[smsc_octets]));
  if (pdu) return pdu;
  Result<modem::Tpdu> bare = modem::decode_tpdu(octets, direction_of(octets.front()));
  if (!bare) return pdu;
  return modem::Pdu{.smsc = {}, .tpdu = std::move(*bare)};
}

}  // namespace

std::string dumped(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

Result<Json> json_from_octets(const modem::Octets& octets) {
  if (octets.empty()) return fail(Errc::bad_input, "no octets");
  const Result<modem::Pdu> pdu = decode_octets(octets);
  if (!pdu) return tl::unexpected(pdu.error());
  return json_from_pdu(*pdu);
}

Result<Json> json_from_pdu(const Pdu& pdu) {
  return std::visit(Describe{pdu.smsc}, pdu.tpdu);
}

Result<std::vector<Pdu>> pdus_from_json(const Json& message, std::uint8_t& reference) {
  const bool typed = message.is_object() && message.contains("type") && message["type"].is_string();
  const std::string type = typed ? message["type"].get<std::string>() : std::string();
  const auto read = [&](auto reader,
                        std::initializer_list<std::string_view> keys) -> Result<std::vector<Pdu>> {
    FieldReader fields(message, keys);
    const std::string smsc = fields.string("smsc");
    std::vector<Pdu> pdus;
    for (Tpdu& tpdu : reader(fields, reference)) pdus.push_back({.smsc = smsc, .tpdu = std::move(tpdu)});
    if (fields.error()) return tl::unexpected(*fields.error());
    return pdus;
  };
  if (type == "deliver") {
    return read(read_deliver, {"type", "smsc", "from", "text", "timestamp", "concat", "class", "ports"});
  }
  if (type == "submit") return read(read_submit, {"type", "smsc", "to", "text", "concat", "class", "ports"});
  if (type == "status-report") {
    return read(read_status_report, {"type", "smsc", "to", "text", "timestamp", "concat", "class", "ports",
                                     "reference", "status", "discharge"});
  }
  return fail(Errc::bad_input, "type: not \"deliver\", \"submit\" or \"status-report\"");
}

}  // namespace pigeon::cli
