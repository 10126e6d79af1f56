// What a stranger writes into the control socket, and what a daemon that is none answers: a line is a request
// or refused, the same after it was written out and read again, and what is written out is one line.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "control/protocol.h"

namespace {

using namespace pigeon;
using namespace pigeon::control;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

std::string_view one_line(const std::string& frame) {
  require(frame.find('\n') == frame.size() - 1, "a frame is one line");
  require(is_valid_utf8(frame), "a frame is UTF-8");
  return std::string_view(frame).substr(0, frame.size() - 1);
}

void check_request(std::string_view line) {
  const auto request = parse_request(line);
  if (!request) return;
  require(line.size() <= kMostFrame, "a request keeps to its limit");
  require(request->id >= 0 && !request->command.empty() && request->command.size() <= 64,
          "a request has an id and a command");
  const std::string frame = request_frame(*request);
  if (frame.size() > kMostFrame) return;  // escapes may make it longer
  const auto again = parse_request(one_line(frame));
  require(
      again && again->id == request->id && again->command == request->command && again->body == request->body,
      "a request stays what it is");
}

void check_reply(std::string_view line) {
  const auto reply = parse_reply(line);
  if (!reply) return;
  if (reply->line) static_cast<void>(one_line(line_frame(reply->id, *reply->line)));
  if (reply->ok) static_cast<void>(one_line(ok_frame(reply->id, *reply->ok)));
  if (reply->error) static_cast<void>(one_line(error_frame(reply->id, *reply->error)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    check_request(line);
    check_reply(line);
  }
  return 0;
}
