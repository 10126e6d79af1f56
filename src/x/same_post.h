// Whether a post of X's is a text of ours. X changes what it is given (short links, entities, blanks at the
// ends), and has no key by which a request could be found again; the words are all there is.
#pragma once

#include <string_view>

#include "x/own_posts.h"

namespace pigeon::x {

// `ours`: the text that was to be posted, valid UTF-8. Compared are code points in NFC, with entities
// decoded, every run of blanks one blank and none at the ends; a short link of X's stands for what it expands
// to.
[[nodiscard]] bool same_post(std::string_view ours, const OwnPost& theirs);

}  // namespace pigeon::x
