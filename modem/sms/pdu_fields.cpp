// Decoding of the shared fields; see pdu_fields.h.
#include "modem/sms/pdu_fields.h"

#include <algorithm>
#include <utility>

#include "modem/sms/dcs.h"
#include "modem/sms/gsm7.h"

namespace pigeon::modem {
namespace {

constexpr std::string_view kDigits = "0123456789*#abc";  // §9.1.2.3
constexpr std::size_t kFiller = 0x0F;
constexpr std::size_t kMaxAddressDigits = 20;  // §9.1.2.5: 12 octets in all
constexpr std::size_t kTimestampOctets = 7;

// An alphanumeric address is GSM 7-bit and its length counts semi-octets. Seven characters take 13 of them,
// but many networks count 14, in which eight characters fit: a last '@' (septet 0) there is padding.
std::string decode_alphanumeric(std::span<const std::uint8_t> octets, std::size_t semi_octets) {
  Octets septets = unpack_septets(octets, semi_octets * 4 / 7);
  if (semi_octets == 14 && septets.back() == 0) septets.pop_back();
  std::string text;
  bool escaped = false;
  append_gsm7(text, septets, {}, escaped);
  finish_gsm7(text, escaped);
  return text;
}

std::size_t semi_octet(std::span<const std::uint8_t> octets, std::size_t i) {
  return i % 2 == 0 ? octets[i / 2] & 0x0F : octets[i / 2] >> 4;
}

// Two semi-octet digits, the first in the low nibble; -1 when one is not decimal.
int two_digits(std::uint8_t octet) {
  const int tens = octet & 0x0F;
  const int units = octet >> 4;
  return tens > 9 || units > 9 ? -1 : tens * 10 + units;
}

struct InformationElement {
  std::uint8_t identifier = 0;
  std::span<const std::uint8_t> data;
};

void read_concatenation(UserDataHeader& header, std::span<const std::uint8_t> data, bool wide) {
  const std::size_t reference_octets = wide ? 2 : 1;
  if (data.size() != reference_octets + 2) return;
  Concatenation found;
  found.wide = wide;
  found.reference = wide ? static_cast<std::uint16_t>(data[0] << 8 | data[1]) : data[0];
  found.count = data[reference_octets];
  found.number = data[reference_octets + 1];
  if (found.number == 0 || found.number > found.count) return;  // to be ignored, §9.2.3.24.1
  header.concatenation = found;
}

void read_element(UserDataHeader& header, const InformationElement& element) {
  const std::span<const std::uint8_t> data = element.data;
  switch (element.identifier) {
    case 0x00:
      read_concatenation(header, data, false);
      break;
    case 0x08:
      read_concatenation(header, data, true);
      break;
    case 0x04:
      if (data.size() == 2) header.ports = Ports{.destination = data[0], .source = data[1]};
      break;
    case 0x05:
      if (data.size() == 4) {
        header.ports = Ports{.destination = static_cast<std::uint16_t>(data[0] << 8 | data[1]),
                             .source = static_cast<std::uint16_t>(data[2] << 8 | data[3])};
      }
      break;
    case 0x01:  // special SMS message indication
    case 0x23:  // enhanced voice mail information
      header.message_waiting = true;
      break;
    case 0x24:
      if (data.size() == 1 && has_single_shift_table(data[0])) header.single_shift = data[0];
      break;
    case 0x25:
      if (data.size() == 1 && has_locking_table(data[0])) header.locking_shift = data[0];
      break;
    default:
      break;  // skipped, §9.2.3.24
  }
}

// Of an element that comes twice the last counts; when the last element does not end with the header, the
// whole header is ignored (§9.2.3.24), but its octets stay out of the text.
UserDataHeader read_header(std::span<const std::uint8_t> octets) {
  UserDataHeader header;
  std::span<const std::uint8_t> rest = octets;
  while (!rest.empty()) {
    if (rest.size() < 2 || rest.size() - 2 < rest[1]) {
      header = {};
      break;
    }
    read_element(header, {.identifier = rest[0], .data = rest.subspan(2, rest[1])});
    rest = rest.subspan(std::size_t{2} + rest[1]);
  }
  header.raw.assign(octets.begin(), octets.end());
  return header;
}

}  // namespace

std::optional<std::string> read_digits(std::span<const std::uint8_t> octets, std::size_t digits) {
  std::string value;
  value.reserve(digits);
  for (std::size_t i = 0; i < digits; ++i) {
    const std::size_t digit = semi_octet(octets, i);
    if (digit >= kDigits.size()) return std::nullopt;
    value += kDigits[digit];
  }
  return value;
}

Address read_address(OctetReader& in, std::string_view field) {
  const std::size_t semi_octets = in.rest().empty() ? 0 : in.rest().front();
  if (semi_octets > kMaxAddressDigits)
    in.refuse(field, std::to_string(semi_octets) + " digits, at most 20 fit");
  Address address = read_any_address(in, field);
  const bool is_name = address.type_of_number == TypeOfNumber::alphanumeric;
  if (!is_name && address.value.size() != semi_octets) in.refuse(field, "a filler among the digits");
  return address;
}

Address read_any_address(OctetReader& in, std::string_view field) {
  std::size_t semi_octets = in.octet(field);
  const std::uint8_t type = in.octet(field);
  const auto octets = in.take((semi_octets + 1) / 2, field);
  if (in.failed() || semi_octets > kMaxAddressDigits) return {};
  Address address;
  address.type_of_number = static_cast<TypeOfNumber>((type >> 4) & 0x07);
  address.numbering_plan = type & 0x0F;
  if (address.type_of_number == TypeOfNumber::alphanumeric) {
    address.value = decode_alphanumeric(octets, semi_octets);
    return address;
  }
  while (semi_octets > 0 && semi_octet(octets, semi_octets - 1) == kFiller) --semi_octets;  // counted along
  auto digits = read_digits(octets, semi_octets);
  if (!digits) return {};
  address.value = std::move(*digits);
  return address;
}

// §9.2.3.11: year, month, day, hour, minute, second, zone, each two semi-octet digits; bit 3 of the zone is
// its sign. What is no date (carriers and test networks send zeros, modems that lost it 0xFF) gives the
// epoch, and a zone that is none UTC: the message counts more than its time.
Timestamp read_timestamp(OctetReader& in, std::string_view field) {
  const auto octets = in.take(kTimestampOctets, field);
  if (in.failed()) return {};
  int digits[kTimestampOctets - 1];
  bool decimal = true;
  for (std::size_t i = 0; i < std::size(digits); ++i) {
    digits[i] = two_digits(octets[i]);
    decimal = decimal && digits[i] >= 0;
  }
  using namespace std::chrono;
  const std::uint8_t zone = octets[kTimestampOctets - 1];
  const bool west = (zone & 0x08) != 0;
  Timestamp timestamp;
  timestamp.offset = minutes((west ? -15 : 15) * std::max(two_digits(zone & 0xF7), 0));
  if (!decimal) return timestamp;
  const int century = digits[0] >= 90 ? 1900 : 2000;  // GSM is younger than 1990
  const year_month_day date{year(century + digits[0]), month(static_cast<unsigned>(digits[1])),
                            day(static_cast<unsigned>(digits[2]))};
  if (!date.ok() || digits[3] > 23 || digits[4] > 59 || digits[5] > 59) return timestamp;
  timestamp.utc =
      sys_days(date) + hours(digits[3]) + minutes(digits[4]) + seconds(digits[5]) - timestamp.offset;
  return timestamp;
}

Timestamp read_decimal_timestamp(OctetReader& in, std::string_view field) {
  const auto octets = in.rest().first(std::min(in.rest().size(), kTimestampOctets));
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const bool zone = i == kTimestampOctets - 1;
    if (two_digits(zone ? octets[i] & 0xF7 : octets[i]) < 0) in.refuse(field, "not decimal digits");
  }
  return read_timestamp(in, field);
}

std::chrono::seconds relative_validity(std::uint8_t value) {
  using namespace std::chrono;
  const int v = value;
  if (v <= 143) return minutes(5 * (v + 1));
  if (v <= 167) return hours(12) + minutes(30 * (v - 143));
  if (v <= 196) return days(v - 166);
  return weeks(v - 192);
}

std::optional<std::chrono::seconds> read_enhanced_validity(OctetReader& in) {
  const auto octets = in.take(7, "TP-VP");
  if (in.failed()) return std::nullopt;
  std::size_t next = 0;
  const int format = octets[next] & 0x07;
  while (next < octets.size() && (octets[next] & 0x80) != 0) ++next;  // extended functionality indicators
  ++next;
  if (format == 1 && next < octets.size()) return relative_validity(octets[next]);
  if (format == 2 && next < octets.size()) return std::chrono::seconds(octets[next]);
  if (format == 3 && next + 2 < octets.size()) {
    const int h = two_digits(octets[next]);
    const int m = two_digits(octets[next + 1]);
    const int s = two_digits(octets[next + 2]);
    if (h >= 0 && m >= 0 && s >= 0)
      return std::chrono::hours(h) + std::chrono::minutes(m) + std::chrono::seconds(s);
    in.refuse("TP-VP", "not decimal digits");
  }
  return std::nullopt;
}

//   TP-UDL │ UDHL │ elements… │ fill bits │ text…      UDHL and elements only with TP-UDHI; fill bits only
//   before
//                                                      septets; TP-UDL counts septets for GSM 7-bit, else
//                                                      octets
UserData read_user_data(OctetReader& in, std::uint8_t dcs, bool has_header) {
  UserData user_data;
  user_data.dcs = dcs;
  const std::size_t length = in.octet("TP-UDL");
  const bool septets = user_data.alphabet() == Alphabet::gsm7;
  std::span<const std::uint8_t> octets = in.take(septets ? (length * 7 + 7) / 8 : length, "TP-UD");
  if (in.failed()) return user_data;
  std::size_t header_octets = 0;
  if (has_header) {
    header_octets = octets.empty() ? 1 : std::size_t{1} + octets[0];
    if (header_octets > octets.size() || (septets && header_octets * 8 > length * 7)) {
      in.refuse("TP-UDHL",
                std::to_string(header_octets) + " octets of header, TP-UDL is " + std::to_string(length));
      return user_data;
    }
    user_data.header = read_header(octets.subspan(1, header_octets - 1));
  }
  octets = octets.subspan(header_octets);
  if (septets) {
    const std::size_t header_septets = (header_octets * 8 + 6) / 7;
    const auto fill_bits = static_cast<unsigned>(header_septets * 7 - header_octets * 8);
    user_data.data = unpack_septets(octets, length - header_septets, fill_bits);
  } else {
    user_data.data.assign(octets.begin(), octets.end());
  }
  return user_data;
}

}  // namespace pigeon::modem
