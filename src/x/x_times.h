// The two ways in which X writes a moment: the dates of HTTP headers, and the timestamps of API v2. What a
// box without a clock knows of the time, it knows from these.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace pigeon::x {

// "Fri, 15 Jan 2027 08:00:00 GMT" and the older forms of RFC 9110 §5.6.7, from 1970 to the year 5138; nothing
// for another text.
[[nodiscard]] std::optional<UtcTime> http_date(const std::string& text);
// "2027-01-15T08:00:00.000Z" (RFC 3339, with any fraction and offset), rounded down to milliseconds; nothing
// for another text or a day that is none. A leap second is the last one of its minute.
[[nodiscard]] std::optional<UtcTime> rfc3339(std::string_view text);

}  // namespace pigeon::x
