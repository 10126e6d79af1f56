// Did a person text this to us, now? The one place that knows: what machines send one another, what networks
// tell phones, and what has become too old to be news is no text to us, so that no post is made of it and no
// SMS is spent on it. Pure.
#pragma once

#include <optional>

#include "base/clock.h"
#include "modem/sms/pdu.h"
#include "store/parts.h"

namespace pigeon::transport {

// PartReason::none when a person did, else why not. What was sent before `oldest` is too old; nothing: its
// age cannot be judged. A time stamp that is no date is no reason.
[[nodiscard]] store::PartReason not_for_us(const modem::Tpdu& tpdu, std::optional<UtcTime> oldest);
// The same of a DELIVER, also of its head alone (modem::decode_deliver_head).
[[nodiscard]] store::PartReason not_for_us(const modem::Deliver& deliver, std::optional<UtcTime> oldest);

}  // namespace pigeon::transport
