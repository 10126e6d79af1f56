// Encoding of the shared fields; see pdu_fields.h.
#include "modem/sms/gsm7.h"
#include "modem/sms/pdu_fields.h"

namespace pigeon::modem {
namespace {

constexpr std::string_view kDigits = "0123456789*#abc";  // §9.1.2.3
constexpr std::size_t kMaxAddressDigits = 20;
constexpr std::size_t kMaxCharacters = 11;  // of an alphanumeric address: 20 semi-octets hold 11 septets

std::uint8_t low_octet(std::size_t value) {
  return static_cast<std::uint8_t>(value & 0xFF);
}

// 0…99 as two semi-octet digits, the tens in the low nibble.
std::uint8_t semi_octets(int value) {
  return static_cast<std::uint8_t>((value % 10) << 4 | value / 10);
}

std::uint8_t type_of_address(const Address& address) {
  return static_cast<std::uint8_t>(0x80 | static_cast<int>(address.type_of_number) << 4 |
                                   (address.numbering_plan & 0x0F));
}

Result<void> append_alphanumeric(Octets& out, const Address& address, std::string_view field) {
  const auto septets = encode_gsm7(address.value);
  if (!septets || septets->size() > kMaxCharacters) {
    return fail(Errc::bad_input,
                std::string(field) + ": not up to 11 characters of the GSM default alphabet");
  }
  const bool like_padding = septets->size() == 8 && septets->back() == 0;  // see the decoder
  out.push_back(low_octet((septets->size() * 7 + 3) / 4 + (like_padding ? 1 : 0)));
  out.push_back(type_of_address(address));
  pack_septets(out, *septets);
  if (like_padding) out.push_back(0);
  return {};
}

void append_element(Octets& out, std::uint8_t identifier, std::initializer_list<std::size_t> data) {
  out.push_back(identifier);
  out.push_back(low_octet(data.size()));
  for (const std::size_t octet : data) out.push_back(low_octet(octet));
}

// The elements the fields of `header` stand for, for a header that was not received.
Octets make_elements(const UserDataHeader& header) {
  Octets elements;
  if (const auto& c = header.concatenation) {
    if (c->wide)
      append_element(elements, 0x08, {std::size_t{c->reference} >> 8, c->reference, c->count, c->number});
    else
      append_element(elements, 0x00, {c->reference, c->count, c->number});
  }
  if (const auto& p = header.ports) {
    append_element(
        elements, 0x05,
        {std::size_t{p->destination} >> 8, p->destination, std::size_t{p->source} >> 8, p->source});
  }
  if (header.single_shift != 0) append_element(elements, 0x24, {header.single_shift});
  if (header.locking_shift != 0) append_element(elements, 0x25, {header.locking_shift});
  return elements;
}

Result<void> check_header(const UserDataHeader& header) {
  const auto& c = header.concatenation;
  if (c && (c->number == 0 || c->number > c->count)) {
    return fail(Errc::bad_input,
                "TP-UD: part " + std::to_string(c->number) + " of " + std::to_string(c->count));
  }
  if (c && !c->wide && c->reference > 0xFF) {
    return fail(Errc::bad_input, "TP-UD: reference " + std::to_string(c->reference) + " takes 16 bits");
  }
  return {};
}

}  // namespace

Result<void> append_digits(Octets& out, std::string_view digits, std::string_view field) {
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const std::size_t low = kDigits.find(digits[i]);
    const std::size_t high = i + 1 < digits.size() ? kDigits.find(digits[i + 1]) : std::size_t{0x0F};
    if (low == std::string_view::npos || high == std::string_view::npos) {
      return fail(Errc::bad_input, std::string(field) + ": not a digit in the number");
    }
    out.push_back(low_octet(high << 4 | low));
  }
  return {};
}

Result<void> append_address(Octets& out, const Address& address, std::string_view field) {
  if (address.type_of_number == TypeOfNumber::alphanumeric) return append_alphanumeric(out, address, field);
  if (address.value.size() > kMaxAddressDigits) {
    return fail(Errc::bad_input, std::string(field) + ": more than 20 digits");
  }
  out.push_back(low_octet(address.value.size()));
  out.push_back(type_of_address(address));
  return append_digits(out, address.value, field);
}

Result<void> append_timestamp(Octets& out, const Timestamp& timestamp, std::string_view field) {
  using namespace std::chrono;
  const int quarters = static_cast<int>(timestamp.offset.count() / 15);
  if (timestamp.offset.count() % 15 != 0 || quarters > 79 || quarters < -79) {
    return fail(Errc::bad_input, std::string(field) + ": the zone is not in quarters of an hour up to 79");
  }
  const auto zone = static_cast<std::uint8_t>(semi_octets(std::abs(quarters)) | (quarters < 0 ? 0x08 : 0));
  if (timestamp.utc == sys_seconds{}) {
    out.insert(out.end(), 6, 0);
    out.push_back(zone);
    return {};
  }
  const sys_seconds local = timestamp.utc + timestamp.offset;
  const sys_days midnight = floor<days>(local);
  const year_month_day date(midnight);
  const hh_mm_ss clock(local - midnight);
  const int year = static_cast<int>(date.year());
  if (year < 1990 || year > 2089) return fail(Errc::bad_input, std::string(field) + ": not of 1990 to 2089");
  const int fields[] = {year % 100,
                        static_cast<int>(static_cast<unsigned>(date.month())),
                        static_cast<int>(static_cast<unsigned>(date.day())),
                        static_cast<int>(clock.hours().count()),
                        static_cast<int>(clock.minutes().count()),
                        static_cast<int>(clock.seconds().count())};
  for (const int value : fields) out.push_back(semi_octets(value));
  out.push_back(zone);
  return {};
}

std::optional<std::uint8_t> relative_validity_octet(std::chrono::seconds period) {
  for (int value = 0; value <= 0xFF; ++value) {
    const auto octet = static_cast<std::uint8_t>(value);
    if (relative_validity(octet) == period) return octet;
  }
  return std::nullopt;
}

Result<void> append_user_data(Octets& out, const UserData& user_data) {
  Octets header;  // UDHL and the elements
  if (user_data.header) {
    if (auto checked = check_header(*user_data.header); !checked) return checked;
    const Octets elements =
        user_data.header->raw.empty() ? make_elements(*user_data.header) : user_data.header->raw;
    header.push_back(low_octet(elements.size()));
    header.insert(header.end(), elements.begin(), elements.end());
  }
  const bool septets = user_data.alphabet() == Alphabet::gsm7;
  const std::size_t header_septets = (header.size() * 8 + 6) / 7;
  const std::size_t length =
      septets ? header_septets + user_data.data.size() : header.size() + user_data.data.size();
  const std::size_t octets = septets ? (length * 7 + 7) / 8 : length;
  if (octets > kMaxUserDataOctets) {
    return fail(Errc::bad_input, "TP-UD: " + std::to_string(octets) + " octets, at most 140 fit");
  }
  out.push_back(low_octet(length));
  out.insert(out.end(), header.begin(), header.end());
  if (septets) {
    if (!are_septets(user_data.data)) {
      return fail(Errc::bad_input, "TP-UD: an octet among the septets");
    }
    pack_septets(out, user_data.data, static_cast<unsigned>(header_septets * 7 - header.size() * 8));
  } else {
    out.insert(out.end(), user_data.data.begin(), user_data.data.end());
  }
  return {};
}

}  // namespace pigeon::modem
