// X's refusals on any octets: whatever a server sends is sorted into a Problem, in words that are short UTF-8
// without control characters, with a moment to come back that lies between now and a month from now.
//
// Input: a status of three digits, header lines "name:value", an empty line, the body.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
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
  return 0;
}
