// X's answers on any octets: whatever a server sends is sorted into a Problem, in words that are short UTF-8
// without control characters, with a moment to come back that lies between now and a month from now. A list
// of posts is read whole or not at all, and a text that X did not change is known again.
//
// Input: a status of three digits, header lines "name:value", an empty line, the body.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "x/own_posts.h"
#include "x/same_post.h"
#include "x/x_client.h"

namespace {

using namespace pigeon::x;
using pigeon::net::HttpResponse;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

std::string_view take_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  return line;
}

HttpResponse response_of(std::string_view input) {
  HttpResponse response;
  for (const char c : take_line(input).substr(0, 3)) response.status = response.status * 10 + (c & 15) % 10;
  for (auto line = take_line(input); !line.empty(); line = take_line(input)) {
    const std::size_t colon = std::min(line.find(':'), line.size() - 1);
    response.headers.emplace(pigeon::ascii_lower(line.substr(0, colon)), line.substr(colon + 1));
  }
  response.body = input;
  return response;
}

void check_posts(std::string_view body) {
  constexpr std::size_t kLongest = 16384;
  const auto own = read_own_posts(body);
  if (!own) return;
  for (const OwnPost& post : own->posts) {
    require(!post.id.empty() && !post.text.empty(), "a post has its id and text");
    require(pigeon::is_valid_utf8(post.text), "a text is UTF-8");
    const bool unchanged = post.urls.empty() && post.text.find('&') == std::string::npos;
    if (unchanged && post.text.size() <= kLongest) require(same_post(post.text, post), "a text is itself");
    static_cast<void>(same_post(own->posts.front().text, post));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pigeon::UtcTime now = pigeon::from_unix_ms(1'800'000'000'000);
  const HttpResponse response = response_of({reinterpret_cast<const char*>(data), size});
  const XError error = classify(response, now);
  require(pigeon::is_valid_utf8(error.detail), "the detail is UTF-8");
  require(error.detail.size() <= 310, "the detail is short");
  require(std::none_of(error.detail.begin(), error.detail.end(), [](char c) { return c >= 0 && c < ' '; }),
          "the detail holds no control characters");
  if (error.retry_at) {
    require(*error.retry_at >= now && *error.retry_at <= now + std::chrono::hours(31 * 24),
            "a wait within reason");
  }
  check_posts(response.body);
  return 0;
}
