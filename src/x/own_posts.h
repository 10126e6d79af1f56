// A person's own latest posts as X gives them back: what is asked when a POST had no clear answer. What comes
// back is not what was sent: links are X's short ones and some signs are escaped (same_post.h compares).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace pigeon::x {

// A short link that X put in place of what was written.
struct OwnUrl {
  std::string url;           // as it stands in the text: "https://t.co/…"
  std::string expanded_url;  // what was written, with "http://" in front of a bare domain
};

struct OwnPost {
  std::string id;
  std::string text;      // as it came: with short links, and "&", "<" and ">" as HTML entities
  UtcTime created_at{};  // by X's clock; X gives whole seconds, rounded down
  std::vector<OwnUrl> urls{};
};

struct OwnPosts {
  std::vector<OwnPost> posts;  // latest first, as X orders them
  bool more = false;           // X holds older ones back
};

// The 200 answer to GET /2/users/:id/tweets with tweet.fields=created_at,entities. Nothing when it is not a
// list of which every post has id, text and time: what is not there must not look as if X had not got it.
[[nodiscard]] std::optional<OwnPosts> read_own_posts(std::string_view body);

}  // namespace pigeon::x
