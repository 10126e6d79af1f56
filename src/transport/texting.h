// A text that an operator types for somebody: whether it may be sent, and the PDUs that carry it. The one
// place for both ways it can take, by the running daemon and by the command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/phone_number.h"
#include "base/result.h"
#include "modem/sms/pdu.h"
#include "store/opt_outs.h"
#include "transport/errands.h"

namespace pigeon::transport {

inline constexpr std::size_t kMostParts = 10;  // of one text; more is a file that was pasted

struct OwnText {
  PhoneNumber to;
  std::vector<modem::Submit> parts;
};

// `number` as people type it; `country`: where the box's network is, or empty. `opt_outs` (borrowed; null:
// nobody has said anything yet). Errc::bad_input: no such number, or no text of 1 to kMostParts parts;
// unsupported: whose phone it is has said STOP. Throws StorageError.
[[nodiscard]] Result<OwnText> own_text(std::string_view number, const std::string& text,
                                       std::string_view country, store::OptOuts* opt_outs);

// "sent", "not sent", or "unknown" of the part behind those that were.
[[nodiscard]] std::string_view word_of(const SendOutcome& outcome);

}  // namespace pigeon::transport
