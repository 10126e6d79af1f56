// A text as the SMS-SUBMITs that carry it: the smallest alphabet that holds every character, one part where
// possible, else parts with a concatenation header; never cut inside a code point or an escape sequence
// (surrogate pairs stay in one part).
#pragma once

#include <string_view>
#include <vector>

#include "modem/sms/pdu.h"

namespace pigeon::modem {

struct SegmentOptions {
  std::uint8_t reference = 0;  // concatenation reference, 8-bit; the caller counts it up
  bool request_status_report = false;
};

// UTF-8 in; at most 255 parts. Errc::bad_input: invalid UTF-8, too long, or an impossible recipient.
[[nodiscard]] Result<std::vector<Submit>> segment(std::string_view text, const Address& recipient,
                                                  const SegmentOptions& options);
// The same parts without recipients: one without a header, or several with `reference` in their headers.
[[nodiscard]] Result<std::vector<UserData>> segment_text(std::string_view text, std::uint8_t reference);
// How many parts `segment` would make, without making them.
[[nodiscard]] Result<std::size_t> count_segments(std::string_view text);

}  // namespace pigeon::modem
