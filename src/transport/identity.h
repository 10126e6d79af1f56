// What makes a text this text and no other, whatever way it comes: who sent it, the service centre's time,
// TP-PID, TP-DCS and TP-UD with its header (3GPP TS 23.040 §9.2.2.1). Not the service centre's address and
// the first octet, which differ when the network delivers again, and not where it lies. The store makes a
// digest of it (store/seen.h). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/phone_number.h"
#include "base/result.h"
#include "modem/sms/pdu.h"

namespace pigeon::transport {

inline constexpr std::chrono::days kIdentifies{30};            // a text that its time identifies
inline constexpr std::chrono::minutes kIdentifiesBriefly{10};  // one that has no such time
inline constexpr std::chrono::days kMostClockError{2};         // between a service centre's clock and ours

struct Identity {
  std::vector<std::uint8_t> octets;  // each field says where it ends
  std::optional<UtcTime> sent_at;    // nothing: no date
};

// Of the sender or the recipient of a message; `country` is where the network is. Errors as
// numbers::complete's; a name has none.
[[nodiscard]] Result<PhoneNumber> phone_number_of(const modem::Address& address, std::string_view country);

// Whether the sender is `e164`, however the network writes it; also in national form where no `country` says
// of which nation.
[[nodiscard]] bool is_number(const modem::Address& address, const std::string& e164,
                             std::string_view country);

// The sender counts in E.164 (phone_number_of); names and short codes stand for themselves.
[[nodiscard]] Identity identity_of(const modem::Deliver& deliver, std::string_view country);
// Of what has no DELIVER's fields to go by, or not all: its octets, but for the service centre's address and
// the first octet of the TPDU. `head` is what could be read of it.
[[nodiscard]] Identity identity_of(std::span<const std::uint8_t> pdu,
                                   const std::optional<modem::Deliver>& head);

// When a text that is taken at `now` may be new again. A time far from the clock is some default that every
// text of that service centre carries, so that the same words later are new; but only a believed clock tells.
[[nodiscard]] UtcTime identifies_until(const Identity& identity, UtcTime now, bool clock_is_believed);

}  // namespace pigeon::transport
