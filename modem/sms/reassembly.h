// Which stored parts make one long message. Pure: the store keeps the parts, this decides.
// 3GPP TS 23.040 §9.2.3.24.1: same sender, SMSC-independent, same reference and count. References wrap after
// 256 messages, so parts further apart than `kPartWindow` do not belong together.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "modem/sms/pdu.h"

namespace pigeon::modem {

inline constexpr std::chrono::hours kPartWindow{6};  // between their TP-SCTS, however late they arrive

// What reassembly needs to know of a stored part of the same sender.
struct PartKey {
  std::int64_t id = 0;  // the store's row
  Concatenation concatenation;
  std::chrono::sys_seconds timestamp{};  // TP-SCTS
};

// The ids of the parts 1…count that complete the message `newest` belongs to, in order, or nothing while one
// is missing. `candidates` are the stored, not yet joined parts of the same sender and contain `newest`. A
// part that came twice counts once; where a reference was reused, the part nearest in time to `newest` is
// taken.
[[nodiscard]] std::optional<std::vector<std::int64_t>> complete_message(std::span<const PartKey> candidates,
                                                                        const PartKey& newest);

}  // namespace pigeon::modem
