// SMS transfer-layer PDUs (3GPP TS 23.040 §9.2) as a mobile sees them over AT commands in PDU mode.
// Pure: octets in, structures out and back. Text is decoded separately (user_data.h), because the parts of a
// long message must be joined before their last UTF-16 decode.
//
//   AT+CMGR / +CMGL / AT+CMGS carry   [SMSC length][SMSC type][SMSC digits…] [TPDU …]
//   the <length> in "+CMGR: 1,,23" counts the TPDU's octets only.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "modem/sms/octets.h"

namespace pigeon::modem {

// TS 23.040 §9.1.2.5, bits 6–4 of the type-of-address octet.
enum class TypeOfNumber : std::uint8_t {
  unknown = 0,
  international = 1,
  national = 2,
  network_specific = 3,
  subscriber = 4,
  alphanumeric = 5,
  abbreviated = 6,
  reserved = 7,
};

struct Address {
  TypeOfNumber type_of_number = TypeOfNumber::unknown;
  std::uint8_t numbering_plan = 1;  // 1: ISDN/telephone (E.164)
  std::string value;                // digits (also * # a b c) without "+"; UTF-8 when alphanumeric

  // "+4915…" when international, else the value as it is.
  [[nodiscard]] std::string to_string() const;
  // "+4915…" → international, "12345" → unknown. Errc::bad_input for anything else.
  [[nodiscard]] static Result<Address> from_number(std::string_view number);
  bool operator==(const Address&) const = default;
};

// TP-SCTS and friends (§9.2.3.11): local time with its zone in quarter hours. Octets that make no date (some
// networks send zeros or 0xFF) are the epoch; a zone that is none is UTC.
struct Timestamp {
  std::chrono::sys_seconds utc{};
  std::chrono::minutes offset{0};

  // False: the sender of the PDU wrote no time. No two-digit year means 1970, so the epoch is free for that.
  [[nodiscard]] bool is_date() const { return utc != std::chrono::sys_seconds{}; }
  [[nodiscard]] std::string to_rfc3339() const;  // "2015-05-17T23:02:50+08:00"
  bool operator==(const Timestamp&) const = default;
};

// Concatenated short messages, IEI 0x00 (8-bit reference) and 0x08 (16-bit), §9.2.3.24.1 and .8.
struct Concatenation {
  std::uint16_t reference = 0;
  bool wide = false;        // 16-bit reference
  std::uint8_t count = 1;   // parts in all, at least 1
  std::uint8_t number = 1;  // this part, 1…count
  bool operator==(const Concatenation&) const = default;
};

struct Ports {  // application port addressing, IEI 0x04 / 0x05
  std::uint16_t destination = 0;
  std::uint16_t source = 0;
  bool operator==(const Ports&) const = default;
};

struct UserDataHeader {                        // §9.2.3.24
  std::optional<Concatenation> concatenation;  // absent also when its values are impossible (ignored by rule)
  std::optional<Ports> ports;
  bool message_waiting = false;    // IEI 0x01 or 0x23 (§9.2.3.24.2 and .13); written from `raw` only
  std::uint8_t locking_shift = 0;  // national language identifier, TS 23.038 §6.2.1.2.4; 0: default alphabet
  std::uint8_t single_shift = 0;
  // All information elements as received, without UDHL. When encoding, these are written, or, while empty,
  // elements made of the fields above.
  Octets raw;
  bool operator==(const UserDataHeader&) const = default;
};

enum class Alphabet : std::uint8_t { gsm7, octets, ucs2 };  // TS 23.038 §4

struct UserData {
  std::uint8_t dcs = 0;
  std::optional<UserDataHeader> header;
  Octets data;  // gsm7: one septet an octet, unpacked, header and fill bits removed; else the octets behind
                // the header
  [[nodiscard]] Alphabet alphabet() const;                 // as `dcs` says; reserved codings are gsm7
  [[nodiscard]] std::optional<int> message_class() const;  // 0 (flash) … 3
  bool operator==(const UserData&) const = default;
};

struct Deliver {  // SMS-DELIVER, §9.2.2.1
  Address sender;
  std::uint8_t pid = 0;
  Timestamp timestamp;
  UserData user_data;
  bool more_messages = false;  // the inverse of TP-MMS
  bool status_report = false;  // TP-SRI
  bool reply_path = false;
  bool operator==(const Deliver&) const = default;
};

struct Submit {                // SMS-SUBMIT, §9.2.2.2
  std::uint8_t reference = 0;  // TP-MR; the modem replaces it
  Address recipient;
  std::uint8_t pid = 0;
  UserData user_data;
  std::optional<std::chrono::seconds> validity;  // relative TP-VP; encodable: what §9.2.3.12.1 can say
  std::optional<Timestamp> validity_until;       // absolute TP-VP
  bool request_status_report = false;            // TP-SRR
  bool reject_duplicates = false;
  bool reply_path = false;
  bool operator==(const Submit&) const = default;
};

struct StatusReport {  // SMS-STATUS-REPORT, §9.2.2.3
  std::uint8_t reference = 0;
  Address recipient;
  Timestamp timestamp;  // of the SUBMIT
  Timestamp discharge;
  std::uint8_t status = 0;  // TP-ST, §9.2.3.15: below 0x20 delivered, 0x20–0x3F still trying, else failed
  std::optional<std::uint8_t> pid;
  std::optional<UserData> user_data;
  bool more_messages = false;  // the inverse of TP-MMS
  bool of_command = false;     // TP-SRQ: the report answers a COMMAND, not a SUBMIT
  bool operator==(const StatusReport&) const = default;
};

struct DeliverReport {                        // §9.2.2.1a
  std::optional<std::uint8_t> failure_cause;  // TP-FCS, above 7; nothing: a report for RP-ACK
  std::optional<std::uint8_t> pid;
  std::optional<UserData> user_data;
  bool operator==(const DeliverReport&) const = default;
};

struct SubmitReport {                         // §9.2.2.2a
  std::optional<std::uint8_t> failure_cause;  // TP-FCS, above 7; nothing: a report for RP-ACK
  Timestamp timestamp;
  std::optional<std::uint8_t> pid;
  std::optional<UserData> user_data;
  bool operator==(const SubmitReport&) const = default;
};

struct Command {  // SMS-COMMAND, §9.2.2.4
  std::uint8_t reference = 0;
  std::uint8_t pid = 0;
  std::uint8_t command_type = 0;
  std::uint8_t message_number = 0;
  Address recipient;
  Octets data;                         // with the user data header in front when `has_header`
  bool has_header = false;             // TP-UDHI
  bool request_status_report = false;  // TP-SRR
  bool operator==(const Command&) const = default;
};

using Tpdu = std::variant<Deliver, Submit, StatusReport, DeliverReport, SubmitReport, Command>;

// TP-MTI means different things by direction (§9.2.3.1).
enum class Direction { to_mobile, from_mobile };

struct Pdu {
  std::string smsc;  // "+49…"; empty: the SIM's own
  Tpdu tpdu;
  bool operator==(const Pdu&) const = default;
};

// A bare TPDU. Errors (Errc::bad_input) name the field that is short or impossible.
[[nodiscard]] Result<Tpdu> decode_tpdu(std::span<const std::uint8_t> tpdu, Direction direction);
// With the SMSC address in front, as in +CMGR.
[[nodiscard]] Result<Pdu> decode_pdu(std::span<const std::uint8_t> pdu, Direction direction);

// What stands in front of the user data of a DELIVER that cannot be decoded to its end (with the SMSC address
// in front), so that its sender can be told: everything but the user data, of which only TP-DCS is set.
// Nothing for other message types, and for what breaks before TP-UDL.
[[nodiscard]] std::optional<Deliver> decode_deliver_head(std::span<const std::uint8_t> pdu);

// How many octets an SMSC address at the front takes (1 for an empty one); 0 when these octets do not begin
// with one. A guess, for octets of which nobody said which they are: a bare TPDU looks like it only in rare
// cases.
[[nodiscard]] std::size_t smsc_length(std::span<const std::uint8_t> octets);
// With or without the SMSC address: modems differ in what follows +CDS, and people paste both.
[[nodiscard]] Result<Pdu> decode_pdu_or_tpdu(std::span<const std::uint8_t> octets, Direction direction);

// Octets of a TPDU, as <length> of AT+CMGS counts them. Errc::bad_input names the field that cannot be
// encoded.
[[nodiscard]] Result<Octets> encode_tpdu(const Tpdu& tpdu);
// The same with the SMSC address in front: one zero octet for the SIM's own.
[[nodiscard]] Result<Octets> encode_pdu(const Pdu& pdu);

}  // namespace pigeon::modem
