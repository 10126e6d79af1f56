// Cells of the tables that `pigeon` prints: text in a number of columns, as a terminal counts them.
#pragma once

#include <cstddef>
#include <string>

#include "base/clock.h"

namespace pigeon::cli {

// With blanks behind it, or before it, up to `width` columns; what is wider stays as it is.
[[nodiscard]] std::string left(const std::string& text, std::size_t width);
[[nodiscard]] std::string right(const std::string& text, std::size_t width);
// At most `width` columns of it, with "…" where some are left out.
[[nodiscard]] std::string cut(const std::string& text, std::size_t width);
// "2026-11-28 09:12", UTC.
[[nodiscard]] std::string to_the_minute(UtcTime time);

}  // namespace pigeon::cli
