// Texts as people mean them: without the differences of case, width and decoration that a phone's keyboard or
// a quotation makes.
#pragma once

#include <string>
#include <string_view>

namespace pigeon::relay {

// The code points of `text` (UTF-8; what is none becomes U+FFFD) in lower case, full-width letters, enclosed
// digits and the like as plain ones, without invisible characters (Unicode's NFKC_Casefold).
[[nodiscard]] std::u32string folded(std::string_view text);

// The same without what stands around it (punctuation, quotes, blanks, ASCII signs; no emoji), as UTF-8, each
// run of blanks and hyphens inside as one blank: " \"Opt-Out!\" " is "opt out".
[[nodiscard]] std::string bare_words(std::string_view text);

}  // namespace pigeon::relay
