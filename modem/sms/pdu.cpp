// Decoding of TPDUs; see pdu.h. Octets behind the last field are ignored: SIM slots are padded with 0xFF, and
// some modems add a few octets of their own.
#include "modem/sms/pdu.h"

#include <algorithm>

#include "modem/sms/octet_reader.h"
#include "modem/sms/pdu_bits.h"
#include "modem/sms/pdu_fields.h"

namespace pigeon::modem {
namespace {

constexpr std::size_t kMaxSmscOctets = 11;  // the type of address and 20 digits

bool has_bit(std::uint8_t octet, std::uint8_t bit) {
  return (octet & bit) != 0;
}

bool is_number(std::string_view digits, std::string_view allowed) {
  return !digits.empty() && digits.find_first_not_of(allowed) == std::string_view::npos;
}

// Everything in front of TP-UDL. True: the user data begins with a header.
bool read_deliver_head(OctetReader& in, Deliver& deliver) {
  const std::uint8_t first = in.octet("TP-MTI");
  deliver.more_messages = !has_bit(first, kNoMoreMessages);
  deliver.status_report = has_bit(first, kStatusReport);
  deliver.reply_path = has_bit(first, kReplyPath);
  deliver.sender = read_any_address(in, "TP-OA");
  deliver.pid = in.octet("TP-PID");
  deliver.user_data.dcs = in.octet("TP-DCS");
  deliver.timestamp = read_timestamp(in, "TP-SCTS");
  return has_bit(first, kUserDataHeader);
}

Result<Tpdu> decode_deliver(OctetReader& in) {
  Deliver deliver;
  const bool has_header = read_deliver_head(in, deliver);
  deliver.user_data = read_user_data(in, deliver.user_data.dcs, has_header);
  return in.finish<Tpdu>(std::move(deliver));
}

void read_validity(OctetReader& in, std::uint8_t first, Submit& submit) {
  switch ((first >> 3) & 0x03) {  // TP-VPF
    case 0:
      break;
    case 1:
      submit.validity = read_enhanced_validity(in);
      break;
    case 2:
      submit.validity = relative_validity(in.octet("TP-VP"));
      break;
    case 3:
      submit.validity_until = read_decimal_timestamp(in, "TP-VP");
      break;
  }
}

Result<Tpdu> decode_submit(OctetReader& in) {
  const std::uint8_t first = in.octet("TP-MTI");
  Submit submit;
  submit.reject_duplicates = has_bit(first, kRejectDuplicates);
  submit.request_status_report = has_bit(first, kStatusReport);
  submit.reply_path = has_bit(first, kReplyPath);
  submit.reference = in.octet("TP-MR");
  submit.recipient = read_address(in, "TP-DA");
  submit.pid = in.octet("TP-PID");
  const std::uint8_t dcs = in.octet("TP-DCS");
  read_validity(in, first, submit);
  submit.user_data = read_user_data(in, dcs, has_bit(first, kUserDataHeader));
  return in.finish<Tpdu>(std::move(submit));
}

// What TP-PI announces, the same in all reports. Without a TP-DCS the default alphabet holds.
template <typename Report>
void read_optional_fields(OctetReader& in, std::uint8_t indicator, bool has_header, Report& report) {
  for (std::uint8_t next = indicator; has_bit(next, kPiExtended);) next = in.octet("TP-PI");
  if (has_bit(indicator, kHasPid)) report.pid = in.octet("TP-PID");
  const std::uint8_t dcs = has_bit(indicator, kHasDcs) ? in.octet("TP-DCS") : std::uint8_t{0};
  if (has_bit(indicator, kHasUserData)) {
    report.user_data = read_user_data(in, dcs, has_header);
  } else if (has_bit(indicator, kHasDcs)) {
    report.user_data = UserData{.dcs = dcs, .header = std::nullopt, .data = {}};
  }
}

Result<Tpdu> decode_status_report(OctetReader& in) {
  const std::uint8_t first = in.octet("TP-MTI");
  StatusReport report;
  report.more_messages = !has_bit(first, kNoMoreMessages);
  report.of_command = has_bit(first, kStatusReport);
  report.reference = in.octet("TP-MR");
  report.recipient = read_any_address(in, "TP-RA");
  report.timestamp = read_timestamp(in, "TP-SCTS");
  report.discharge = read_timestamp(in, "TP-DT");
  report.status = in.octet("TP-ST");
  const bool padding = !in.rest().empty() && in.rest().front() == 0xFF;
  if (!in.rest().empty() && !padding) {
    read_optional_fields(in, in.octet("TP-PI"), has_bit(first, kUserDataHeader), report);
  }
  return in.finish<Tpdu>(std::move(report));
}

// The failure cause of a report for RP-ERROR, if it is one, and the TP-PI of both kinds.
template <typename Report>
std::uint8_t read_cause_and_indicator(OctetReader& in, Report& report) {
  const std::uint8_t octet = in.octet("TP-FCS");
  if (octet <= kLastParameterIndicator) return octet;
  report.failure_cause = octet;
  return in.octet("TP-PI");
}

Result<Tpdu> decode_deliver_report(OctetReader& in) {
  const std::uint8_t first = in.octet("TP-MTI");
  DeliverReport report;
  const std::uint8_t indicator = read_cause_and_indicator(in, report);
  read_optional_fields(in, indicator, has_bit(first, kUserDataHeader), report);
  return in.finish<Tpdu>(std::move(report));
}

Result<Tpdu> decode_submit_report(OctetReader& in) {
  const std::uint8_t first = in.octet("TP-MTI");
  SubmitReport report;
  const std::uint8_t indicator = read_cause_and_indicator(in, report);
  report.timestamp = read_decimal_timestamp(in, "TP-SCTS");
  read_optional_fields(in, indicator, has_bit(first, kUserDataHeader), report);
  return in.finish<Tpdu>(std::move(report));
}

Result<Tpdu> decode_command(OctetReader& in) {
  const std::uint8_t first = in.octet("TP-MTI");
  Command command;
  command.has_header = has_bit(first, kUserDataHeader);
  command.request_status_report = has_bit(first, kStatusReport);
  command.reference = in.octet("TP-MR");
  command.pid = in.octet("TP-PID");
  command.command_type = in.octet("TP-CT");
  command.message_number = in.octet("TP-MN");
  command.recipient = read_address(in, "TP-DA");
  const std::size_t length = in.octet("TP-CDL");
  const auto data = in.take(length, "TP-CD");
  command.data.assign(data.begin(), data.end());
  return in.finish<Tpdu>(std::move(command));
}

Result<Tpdu> decode_to_mobile(OctetReader& in, std::uint8_t message_type) {
  switch (message_type) {
    case kTypeSubmit:
      return decode_submit_report(in);
    case kTypeStatus:
      return decode_status_report(in);
    default:
      return decode_deliver(in);  // 3 is reserved and read as a DELIVER, §9.2.3.1
  }
}

Result<Tpdu> decode_from_mobile(OctetReader& in, std::uint8_t message_type) {
  switch (message_type) {
    case kTypeDeliver:
      return decode_deliver_report(in);
    case kTypeSubmit:
      return decode_submit(in);
    case kTypeStatus:
      return decode_command(in);
    default:
      return fail(Errc::bad_input, "TP-MTI: 3 is reserved");
  }
}

// The service centre's address counts octets, its type octet included, not digits (TS 24.011 §8.2.5.1). One
// that is none is left out.
std::string read_smsc(OctetReader& in) {
  const std::size_t length = in.octet("SMSC");
  if (length == 0) return {};
  const auto octets = in.take(length, "SMSC");
  if (in.failed()) return {};
  const auto number = octets.subspan(1);
  const bool fill = !number.empty() && (number.back() >> 4) == 0x0F;
  const std::string digits = read_digits(number, number.size() * 2 - (fill ? 1 : 0)).value_or("");
  const bool international = ((octets[0] >> 4) & 0x07) == static_cast<int>(TypeOfNumber::international);
  return international && !digits.empty() ? "+" + digits : digits;
}

bool is_decimal(std::uint8_t octet, bool last) {
  return (octet & 0x0F) <= 9 && ((octet >> 4) <= 9 || (last && (octet >> 4) == 0x0F));
}

}  // namespace

std::string Address::to_string() const {
  return type_of_number == TypeOfNumber::international && !value.empty() ? "+" + value : value;
}

Result<Address> Address::from_number(std::string_view number) {
  const bool international = number.starts_with('+');
  const std::string_view digits = international ? number.substr(1) : number;
  if (!is_number(digits, international ? "0123456789" : "0123456789*#abc") || digits.size() > 20) {
    return fail(Errc::bad_input, "\"" + std::string(number) + "\": not a phone number of 1 to 20 digits");
  }
  return Address{.type_of_number = international ? TypeOfNumber::international : TypeOfNumber::unknown,
                 .numbering_plan = 1,
                 .value = std::string(digits)};
}

std::string Timestamp::to_rfc3339() const {
  return pigeon::to_rfc3339(UtcTime(utc), offset);
}

Result<Tpdu> decode_tpdu(std::span<const std::uint8_t> tpdu, Direction direction) {
  if (tpdu.empty()) return fail(Errc::bad_input, "TP-MTI: missing");
  OctetReader in(tpdu);
  const std::uint8_t message_type = tpdu[0] & kMessageTypeMask;
  switch (direction) {
    case Direction::to_mobile:
      return decode_to_mobile(in, message_type);
    case Direction::from_mobile:
      return decode_from_mobile(in, message_type);
  }
  return fail(Errc::bad_input, "no such direction");
}

Result<Pdu> decode_pdu(std::span<const std::uint8_t> pdu, Direction direction) {
  OctetReader in(pdu);
  std::string smsc = read_smsc(in);
  if (in.failed()) return in.finish<Pdu>(Pdu{});
  Result<Tpdu> tpdu = decode_tpdu(in.rest(), direction);
  if (!tpdu) return tl::unexpected(std::move(tpdu.error()));
  return Pdu{.smsc = std::move(smsc), .tpdu = std::move(*tpdu)};
}

std::optional<Deliver> decode_deliver_head(std::span<const std::uint8_t> pdu) {
  OctetReader in(pdu);
  static_cast<void>(read_smsc(in));
  if (in.rest().empty() || (in.rest().front() & kMessageTypeMask) != kTypeDeliver) return std::nullopt;
  Deliver deliver;
  static_cast<void>(read_deliver_head(in, deliver));
  if (in.failed()) return std::nullopt;
  return deliver;
}

std::size_t smsc_length(std::span<const std::uint8_t> octets) {
  if (octets.empty()) return 0;
  const std::size_t length = octets[0];
  if (length == 0) return 1;
  if (length > kMaxSmscOctets || length >= octets.size()) return 0;
  const bool type_of_address = (octets[1] & 0x80) != 0;  // its extension bit is always set
  const auto digits = octets.subspan(2, length - 1);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (!is_decimal(digits[i], i + 1 == digits.size())) return 0;
  }
  return type_of_address ? 1 + length : 0;
}

Result<Pdu> decode_pdu_or_tpdu(std::span<const std::uint8_t> octets, Direction direction) {
  const bool with_smsc = smsc_length(octets) > 0;
  if (with_smsc) {
    if (Result<Pdu> pdu = decode_pdu(octets, direction)) return pdu;
  }
  Result<Tpdu> tpdu = decode_tpdu(octets, direction);
  if (tpdu) return Pdu{.smsc = {}, .tpdu = std::move(*tpdu)};
  if (with_smsc) return decode_pdu(octets, direction);  // its error is the likelier one
  return tl::unexpected(std::move(tpdu.error()));
}

}  // namespace pigeon::modem
