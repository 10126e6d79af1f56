// Which stored parts make one long message. Pure: the store keeps the parts, this decides.
//
// Parts belong together when sender, reference, width of the reference and count are the same (3GPP TS 23.040
// §9.2.3.24.1) and they were sent within `kPartWindow`: references come round after 256 messages, and some
// phones use one for all. A part whose number is there already with other octets is of another message; with
// the same octets it is a copy.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "modem/sms/octets.h"
#include "modem/sms/pdu.h"

namespace pigeon::modem {

// Between the TP-SCTS of any two parts of a message, or between their arrivals where one has none.
inline constexpr std::chrono::minutes kPartWindow{30};

// What reassembly needs to know of a stored part; all that are compared have one sender.
struct PartKey {
  std::int64_t id = 0;  // the store's row
  Concatenation concatenation;
  std::optional<std::chrono::sys_seconds> timestamp;  // TP-SCTS; nothing: it is no date
  std::chrono::sys_seconds arrival{};
  std::string modem;  // that took it: of two sets that a part may belong to, one from the same modem
  Octets octets;      // TP-DCS, then the text's: the same for copies
};

// Of the stored octets of a DELIVER, with the SMSC address in front; nothing for what is no part of a long
// message.
[[nodiscard]] std::optional<PartKey> part_key(std::int64_t id, std::span<const std::uint8_t> pdu,
                                              UtcTime arrival, std::string modem);

// Between their TP-SCTS, or between their arrivals where one has none; never negative.
[[nodiscard]] std::chrono::seconds time_between(const PartKey& a, const PartKey& b);
// Sent, or arrived, not more than kPartWindow apart, and parts of one sender's messages of the same reference
// and count.
[[nodiscard]] bool may_belong_together(const PartKey& a, const PartKey& b);
// The same part twice: may_belong_together(), with the same number and octets.
[[nodiscard]] bool are_copies(const PartKey& a, const PartKey& b);

// The parts of one message, as far as they are there, in the order of their ids and with all copies.
using PartSet = std::vector<PartKey>;
// All of `parts`, each in one set. A part comes to the set that its modem and its time are nearest to; the
// older ids choose first, so that a part that arrives changes nothing about those before it.
[[nodiscard]] std::vector<PartSet> part_sets(std::vector<PartKey> parts);

struct WholeMessage {
  std::vector<std::int64_t> ids;     // of the parts 1…count
  std::vector<std::int64_t> copies;  // of the same message, and not needed
};
// The message that the part `newest` makes whole, or nothing while one is missing. `parts` are the stored,
// not yet joined parts of the same sender and contain `newest`.
[[nodiscard]] std::optional<WholeMessage> whole_message(std::vector<PartKey> parts, std::int64_t newest);

}  // namespace pigeon::modem
