// Breaking sentences into lines for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pigeon {

// `text` in lines of at most `width` columns, each ended by a newline, broken at blanks; the first begins
// with `first`, the others with as many blanks. A word that is longer than a line (a path) is cut. A code
// point counts as one column. Any number of blanks between words becomes one.
[[nodiscard]] std::string paragraph(std::string_view first, std::string_view text, std::size_t width);

// How many columns `text` takes: its code points.
[[nodiscard]] std::size_t columns(std::string_view text);

}  // namespace pigeon
