// A stranger's octets on their way to the pages: a verdict on a request never changes by more octets once it
// is given, a complete request is within its limits, and the HTTP library answers every one of them with one
// whole response.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "web/http_engine.h"
#include "web/request_head.h"

namespace {

using namespace pigeon::web;
using Verdict = HeadCheck::Verdict;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// Says back what it was asked, so that a smuggled line break would show in the response's head.
HttpEngine& echo() {
  static HttpEngine engine(
      {{"X-Policy", "strict"}}, [](const httplib::Request& request, httplib::Response& response) {
        response.set_content(request.method + " " + request.path + " " + request.get_param_value("state"),
                             "text/plain");
      });
  return engine;
}

void check_response(const std::string& response) {
  require(response.starts_with("HTTP/1.1 "), "the library answers a complete request");
  require(response.find("\r\nX-Policy: strict\r\n") != std::string::npos,
          "every response carries the policies");
  require(response.find("\r\nConnection: close\r\n") != std::string::npos,
          "every response closes the connection");
  require(response.size() < kMaxHead + 1024, "a response does not outgrow its request");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const HeadCheck whole = check_head(input);
  const HeadCheck half = check_head(std::string_view(input).substr(0, size / 2));
  constexpr int kExpectation = 417;  // is met by a body that comes after all
  if (half.verdict == Verdict::refused && half.status != kExpectation)
    require(whole.verdict == Verdict::refused, "a refusal is final");
  if (half.verdict == Verdict::complete) {
    require(whole.verdict == Verdict::complete && whole.length == half.length,
            "a request ends where it ended");
  }
  if (whole.verdict == Verdict::refused)
    require(whole.status >= 400 && whole.status < 600, "a refusal has a status");
  if (whole.verdict != Verdict::complete) return 0;
  require(whole.length <= size && whole.length <= kMaxHead + 4 + kMaxBody, "a request keeps to its limits");
  check_response(echo().answer(input.substr(0, whole.length)));
  return 0;
}
