// Encoding of TPDUs; see pdu.h.
#include <array>

#include "modem/sms/pdu.h"
#include "modem/sms/pdu_bits.h"
#include "modem/sms/pdu_fields.h"

namespace pigeon::modem {
namespace {

constexpr std::size_t kLongestPdu = 12 + 175;  // SMSC address and a SUBMIT with everything
constexpr std::size_t kMaxCommandData = 157;
constexpr std::size_t kMaxSmscDigits = 20;

std::uint8_t flag(bool set, std::uint8_t bit) {
  return set ? bit : std::uint8_t{0};
}

template <typename... Bits>
std::uint8_t first_octet(Bits... bits) {
  return static_cast<std::uint8_t>((bits | ...));
}

bool has_header(const std::optional<UserData>& user_data) {
  return user_data && user_data->header;
}

Result<void> encode(Octets& out, const Deliver& deliver) {
  out.push_back(first_octet(kTypeDeliver, flag(!deliver.more_messages, kNoMoreMessages),
                            flag(deliver.status_report, kStatusReport), flag(deliver.reply_path, kReplyPath),
                            flag(deliver.user_data.header.has_value(), kUserDataHeader)));
  if (auto done = append_address(out, deliver.sender, "TP-OA"); !done) return done;
  out.push_back(deliver.pid);
  out.push_back(deliver.user_data.dcs);
  if (auto done = append_timestamp(out, deliver.timestamp, "TP-SCTS"); !done) return done;
  return append_user_data(out, deliver.user_data);
}

Result<void> append_validity(Octets& out, const Submit& submit) {
  if (submit.validity_until) return append_timestamp(out, *submit.validity_until, "TP-VP");
  if (!submit.validity) return {};
  const auto octet = relative_validity_octet(*submit.validity);
  if (!octet) {
    return fail(Errc::bad_input,
                "TP-VP: no relative period of " + std::to_string(submit.validity->count()) + " s");
  }
  out.push_back(*octet);
  return {};
}

Result<void> encode(Octets& out, const Submit& submit) {
  if (submit.validity && submit.validity_until)
    return fail(Errc::bad_input, "TP-VP: both relative and absolute");
  out.push_back(first_octet(kTypeSubmit, flag(submit.reject_duplicates, kRejectDuplicates),
                            flag(submit.validity.has_value(), kRelativeValidity),
                            flag(submit.validity_until.has_value(), kAbsoluteValidity),
                            flag(submit.request_status_report, kStatusReport),
                            flag(submit.reply_path, kReplyPath),
                            flag(submit.user_data.header.has_value(), kUserDataHeader)));
  out.push_back(submit.reference);
  if (auto done = append_address(out, submit.recipient, "TP-DA"); !done) return done;
  out.push_back(submit.pid);
  out.push_back(submit.user_data.dcs);
  if (auto done = append_validity(out, submit); !done) return done;
  return append_user_data(out, submit.user_data);
}

// The bits of TP-PI for what a report has. The default alphabet goes without its TP-DCS.
template <typename Report>
std::uint8_t parameter_indicator(const Report& report) {
  const bool dcs = report.user_data && report.user_data->dcs != 0;
  const bool text = report.user_data && (!dcs || report.user_data->header || !report.user_data->data.empty());
  return first_octet(flag(report.pid.has_value(), kHasPid), flag(dcs, kHasDcs), flag(text, kHasUserData));
}

template <typename Report>
Result<void> append_optional_fields(Octets& out, const Report& report) {
  const std::uint8_t indicator = parameter_indicator(report);
  if ((indicator & kHasPid) != 0) out.push_back(*report.pid);
  if ((indicator & kHasDcs) != 0) out.push_back(report.user_data->dcs);
  if ((indicator & kHasUserData) != 0) return append_user_data(out, *report.user_data);
  return {};
}

Result<void> encode(Octets& out, const StatusReport& report) {
  out.push_back(first_octet(kTypeStatus, flag(!report.more_messages, kNoMoreMessages),
                            flag(report.of_command, kStatusReport),
                            flag(has_header(report.user_data), kUserDataHeader)));
  out.push_back(report.reference);
  if (auto done = append_address(out, report.recipient, "TP-RA"); !done) return done;
  if (auto done = append_timestamp(out, report.timestamp, "TP-SCTS"); !done) return done;
  if (auto done = append_timestamp(out, report.discharge, "TP-DT"); !done) return done;
  out.push_back(report.status);
  if (!report.pid && !report.user_data) return {};
  out.push_back(parameter_indicator(report));
  return append_optional_fields(out, report);
}

template <typename Report>
Result<void> append_cause_and_indicator(Octets& out, const Report& report) {
  if (report.failure_cause) {
    if (*report.failure_cause <= kLastParameterIndicator) {
      return fail(Errc::bad_input,
                  "TP-FCS: " + std::to_string(*report.failure_cause) + " would read as a TP-PI");
    }
    out.push_back(*report.failure_cause);
  }
  out.push_back(parameter_indicator(report));
  return {};
}

Result<void> encode(Octets& out, const DeliverReport& report) {
  out.push_back(first_octet(kTypeDeliver, flag(has_header(report.user_data), kUserDataHeader)));
  if (auto done = append_cause_and_indicator(out, report); !done) return done;
  return append_optional_fields(out, report);
}

Result<void> encode(Octets& out, const SubmitReport& report) {
  out.push_back(first_octet(kTypeSubmit, flag(has_header(report.user_data), kUserDataHeader)));
  if (auto done = append_cause_and_indicator(out, report); !done) return done;
  if (auto done = append_timestamp(out, report.timestamp, "TP-SCTS"); !done) return done;
  return append_optional_fields(out, report);
}

Result<void> encode(Octets& out, const Command& command) {
  if (command.data.size() > kMaxCommandData) return fail(Errc::bad_input, "TP-CD: more than 157 octets");
  out.push_back(first_octet(kTypeStatus, flag(command.request_status_report, kStatusReport),
                            flag(command.has_header, kUserDataHeader)));
  out.insert(out.end(), {command.reference, command.pid, command.command_type, command.message_number});
  if (auto done = append_address(out, command.recipient, "TP-DA"); !done) return done;
  out.push_back(static_cast<std::uint8_t>(command.data.size()));
  out.insert(out.end(), command.data.begin(), command.data.end());
  return {};
}

Result<void> append_smsc(Octets& out, std::string_view smsc) {
  if (smsc.empty()) {
    out.push_back(0);
    return {};
  }
  const bool international = smsc.starts_with('+');
  const std::string_view digits = international ? smsc.substr(1) : smsc;
  if (digits.empty() || digits.size() > kMaxSmscDigits)
    return fail(Errc::bad_input, "SMSC: not 1 to 20 digits");
  out.push_back(static_cast<std::uint8_t>(1 + (digits.size() + 1) / 2));
  out.push_back(international ? kInternationalNumber : kUnknownNumber);
  return append_digits(out, digits, "SMSC");
}

Result<void> append_tpdu(Octets& out, const Tpdu& tpdu) {
  return std::visit([&out](const auto& of_type) { return encode(out, of_type); }, tpdu);
}

}  // namespace

Result<Octets> encode_tpdu(const Tpdu& tpdu) {
  Octets out;
  out.reserve(kLongestPdu);
  if (auto done = append_tpdu(out, tpdu); !done) return tl::unexpected(std::move(done.error()));
  return out;
}

Result<Octets> encode_pdu(const Pdu& pdu) {
  Octets out;
  out.reserve(kLongestPdu);
  if (auto done = append_smsc(out, pdu.smsc); !done) return tl::unexpected(std::move(done.error()));
  if (auto done = append_tpdu(out, pdu.tpdu); !done) return tl::unexpected(std::move(done.error()));
  return out;
}

}  // namespace pigeon::modem
