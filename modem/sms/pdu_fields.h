// The fields that several TPDUs share, octets to structures and back: addresses, timestamps, validity periods
// and user data (3GPP TS 23.040 §9.1.2 and §9.2.3). Private to pdu.cpp and pdu_encode.cpp. `field` is the
// standard's name of the element, for the error.
#pragma once

#include <optional>
#include <string_view>

#include "modem/sms/octet_reader.h"
#include "modem/sms/pdu.h"

namespace pigeon::modem {

inline constexpr std::size_t kMaxUserDataOctets = 140;
inline constexpr std::uint8_t kInternationalNumber = 0x91;  // type-of-address: international, E.164
inline constexpr std::uint8_t kUnknownNumber = 0x81;

// Semi-octet digits, the low nibble first; nothing where a filler stands among them.
[[nodiscard]] std::optional<std::string> read_digits(std::span<const std::uint8_t> octets,
                                                     std::size_t digits);
// TP-DA (§9.1.2.5): its length counts semi-octets, also where GSM 7-bit letters are packed in it. More than
// 20 digits and a filler among them are an error.
[[nodiscard]] Address read_address(OctetReader& in, std::string_view field);
// TP-OA, TP-RA: what is none is skipped by its length and left empty, because the message counts more;
// fillers that were counted along are left out.
[[nodiscard]] Address read_any_address(OctetReader& in, std::string_view field);
// Seven octets of semi-octets (§9.2.3.11); what makes no date is the epoch, what makes no zone is UTC.
[[nodiscard]] Timestamp read_timestamp(OctetReader& in, std::string_view field);
// The same where no text would be lost: others than digits are an error.
[[nodiscard]] Timestamp read_decimal_timestamp(OctetReader& in, std::string_view field);
// TP-VP relative, §9.2.3.12.1: 5 minutes to 63 weeks.
[[nodiscard]] std::chrono::seconds relative_validity(std::uint8_t value);
// TP-VP enhanced, §9.2.3.12.3; nothing when it carries no period.
[[nodiscard]] std::optional<std::chrono::seconds> read_enhanced_validity(OctetReader& in);
// TP-UDL and TP-UD, coded as `dcs` says.
[[nodiscard]] UserData read_user_data(OctetReader& in, std::uint8_t dcs, bool has_header);

// Semi-octets, the first digit low, filled up with 0xF. Errc::bad_input: not one of 0–9 * # a b c.
Result<void> append_digits(Octets& out, std::string_view digits, std::string_view field);
// Errc::bad_input: more than 20 digits, or more than 11 letters of the GSM alphabet.
Result<void> append_address(Octets& out, const Address& address, std::string_view field);
// Local time with its zone. Errc::bad_input: outside 1990–2089, or a zone that is not in quarter hours.
Result<void> append_timestamp(Octets& out, const Timestamp& timestamp, std::string_view field);
// The octet of a relative TP-VP that means exactly `period`.
[[nodiscard]] std::optional<std::uint8_t> relative_validity_octet(std::chrono::seconds period);
// TP-UDL and TP-UD with header and fill bits. Errc::bad_input: over 140 octets, or an impossible header.
Result<void> append_user_data(Octets& out, const UserData& user_data);

}  // namespace pigeon::modem
