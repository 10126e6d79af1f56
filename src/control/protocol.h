// What is said on the control socket: one JSON object a line, from `pigeon` and from `pigeond`.
//
//   > {"id":1,"command":"outbox.move","reply":7,"modem":"second"}
//   < {"id":1,"line":"…"}                                              any number of these, then one of
//   < {"id":1,"ok":{…}}
//   < {"id":1,"error":{"code":"not_found","message":"there is no reply 7"}}
//
// A request is answered before the next one of its connection is read. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pigeon::control {

using Json = nlohmann::json;

inline constexpr std::size_t kMostFrame = std::size_t{64} * 1024;  // octets of a line, without its newline

struct Request {
  std::int64_t id = 0;
  std::string command;  // "quarantine.retry"; at most 64 octets
  Json body;            // the whole object
};

// Errc::bad_input: not an object of UTF-8 JSON, no id or no command, or longer than kMostFrame.
[[nodiscard]] Result<Request> parse_request(std::string_view line);

// A line that `pigeond` says.
struct Reply {
  std::int64_t id = 0;
  std::optional<Json> line;    // there is more to come
  std::optional<Json> ok;      // the end: what became of it
  std::optional<Error> error;  // the end, too
};
// Errc::bad_input for anything else than one of the three kinds.
[[nodiscard]] Result<Reply> parse_reply(std::string_view line);

// An error's code on the socket: "not_found".
[[nodiscard]] std::string_view word_of(Errc code);

// Each with its newline. Octets that are no UTF-8 (a modem's) become U+FFFD.
[[nodiscard]] std::string request_frame(const Request& request);
[[nodiscard]] std::string line_frame(std::int64_t id, const Json& line);
[[nodiscard]] std::string ok_frame(std::int64_t id, const Json& result);
[[nodiscard]] std::string error_frame(std::int64_t id, const Error& error);

}  // namespace pigeon::control
