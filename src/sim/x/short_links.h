// X's short links: every URL of a post is replaced by one on t.co, and what it stands for is told beside the
// text. Knows the URLs that people write, not each that twitter-text would find: the gateway must count and
// compare by its own knowledge, not by the sandbox's.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pigeon::sim {

struct ShortLink {
  std::size_t begin = 0;  // octets [begin, end) of the text that was written
  std::size_t end = 0;
  std::string url{};           // "https://t.co/" and ten letters or digits
  std::string expanded_url{};  // as written; "http://" goes before a bare domain
  std::string display_url{};   // without a protocol, cut behind 27 octets
};

// In order. The same URL in the post `id` has the same short link, in another post another one.
[[nodiscard]] std::vector<ShortLink> short_links(std::string_view text, std::string_view id);

}  // namespace pigeon::sim
