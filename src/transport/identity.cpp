// The fields of an identity as octets; see identity.h.
#include "transport/identity.h"

#include <algorithm>
#include <string>

#include "numbers/completion.h"

namespace pigeon::transport {
namespace {

enum class Kind : std::uint8_t { deliver = 1, octets = 2 };

// Four octets of length, then the field.
template <typename Octets>
void append(std::vector<std::uint8_t>& out, const Octets& field) {
  const auto size = static_cast<std::uint32_t>(field.size());
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(size >> shift));
  out.insert(out.end(), field.begin(), field.end());
}

std::optional<UtcTime> date_of(const modem::Deliver& deliver) {
  if (!deliver.timestamp.is_date()) return std::nullopt;
  return deliver.timestamp.utc;
}

// A number in E.164, however the network wrote it. The prefix keeps a name of digits from being that number.
std::string sender_of(const modem::Address& sender, std::string_view country) {
  if (sender.type_of_number == modem::TypeOfNumber::alphanumeric) return "name " + sender.value;
  const auto phone = phone_number_of(sender, country);
  return "number " + (phone ? phone->e164() : sender.to_string());
}

}  // namespace

Result<PhoneNumber> phone_number_of(const modem::Address& address, std::string_view country) {
  if (address.type_of_number == modem::TypeOfNumber::alphanumeric)
    return fail(Errc::unsupported, "the sender is a name");
  const bool international = address.type_of_number == modem::TypeOfNumber::international;
  return numbers::complete(address.value, international, country);
}

bool is_number(const modem::Address& address, const std::string& e164, std::string_view country) {
  if (address.type_of_number == modem::TypeOfNumber::alphanumeric) return false;
  const auto phone = phone_number_of(address, country);
  if (phone) return phone->e164() == e164;
  const auto national = numbers::complete(address.value, false, numbers::country_of(e164));
  return national && national->e164() == e164;
}

Identity identity_of(const modem::Deliver& deliver, std::string_view country) {
  const modem::UserData& user_data = deliver.user_data;
  Identity identity;
  identity.sent_at = date_of(deliver);
  identity.octets = {static_cast<std::uint8_t>(Kind::deliver), deliver.pid, user_data.dcs,
                     static_cast<std::uint8_t>(user_data.header.has_value())};
  append(identity.octets, sender_of(deliver.sender, country));
  append(identity.octets, std::to_string(deliver.timestamp.utc.time_since_epoch().count()));
  append(identity.octets, user_data.header ? user_data.header->raw : modem::Octets());
  append(identity.octets, user_data.data);
  return identity;
}

Identity identity_of(std::span<const std::uint8_t> pdu, const std::optional<modem::Deliver>& head) {
  const std::size_t smsc = modem::smsc_length(pdu);
  Identity identity;
  if (head) identity.sent_at = date_of(*head);
  identity.octets = {static_cast<std::uint8_t>(Kind::octets)};
  append(identity.octets, pdu.subspan(smsc == 0 ? 0 : std::min(smsc + 1, pdu.size())));
  return identity;
}

UtcTime identifies_until(const Identity& identity, UtcTime now, bool clock_is_believed) {
  const bool identified =
      identity.sent_at && (!clock_is_believed || (*identity.sent_at - now <= kMostClockError &&
                                                  now - *identity.sent_at <= kMostClockError));
  return identified ? now + kIdentifies : now + kIdentifiesBriefly;
}

}  // namespace pigeon::transport
