// Lines to requests and replies, and back; see protocol.h.
#include "control/protocol.h"

#include <algorithm>
#include <array>
#include <utility>

#include "net/json.h"

namespace pigeon::control {
namespace {

constexpr std::size_t kMostCommand = 64;

struct CodeWord {
  Errc code;
  std::string_view word;
};
constexpr std::array kCodeWords{
    CodeWord{Errc::bad_input, "bad_input"},
    CodeWord{Errc::not_found, "not_found"},
    CodeWord{Errc::denied, "denied"},
    CodeWord{Errc::unsupported, "unsupported"},
    CodeWord{Errc::conflict, "conflict"},
    CodeWord{Errc::busy, "busy"},
    CodeWord{Errc::timeout, "timeout"},
    CodeWord{Errc::disconnected, "disconnected"},
    CodeWord{Errc::io, "io"},
    CodeWord{Errc::outcome_unknown, "outcome_unknown"},
};

Errc code_of(std::string_view word) {
  const auto row = std::find_if(kCodeWords.begin(), kCodeWords.end(),
                                [word](const CodeWord& each) { return each.word == word; });
  return row == kCodeWords.end() ? Errc::io : row->code;
}

std::string frame(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Json> parse_line(std::string_view line) {
  if (line.size() > kMostFrame) return fail(Errc::bad_input, "a line of more than 64 KiB");
  auto object = net::parse_json_object(line);
  if (!object) return fail(Errc::bad_input, "not a JSON object");
  return std::move(*object);
}

}  // namespace

std::string_view word_of(Errc code) {
  const auto row = std::find_if(kCodeWords.begin(), kCodeWords.end(),
                                [code](const CodeWord& each) { return each.code == code; });
  return row == kCodeWords.end() ? "io" : row->word;
}

Result<Request> parse_request(std::string_view line) {
  auto object = parse_line(line);
  if (!object) return tl::unexpected(object.error());
  const auto id = net::integer_member(*object, "id");
  if (!id || *id < 0) return fail(Errc::bad_input, "no id");
  Request request{*id, net::string_member(*object, "command"), {}};
  if (request.command.empty() || request.command.size() > kMostCommand)
    return fail(Errc::bad_input, "no command");
  request.body = std::move(*object);
  return request;
}

Result<Reply> parse_reply(std::string_view line) {
  auto object = parse_line(line);
  if (!object) return tl::unexpected(object.error());
  const auto id = net::integer_member(*object, "id");
  if (!id) return fail(Errc::bad_input, "no id");
  Reply reply;
  reply.id = *id;
  if (const Json* content = net::member(*object, "line")) reply.line = *content;
  if (const Json* result = net::member(*object, "ok")) reply.ok = *result;
  if (const Json* error = net::member(*object, "error"))
    reply.error = Error{code_of(net::string_member(*error, "code")), net::string_member(*error, "message")};
  if (int{reply.line.has_value()} + int{reply.ok.has_value()} + int{reply.error.has_value()} != 1)
    return fail(Errc::bad_input, "neither a line nor an end");
  return reply;
}

std::string request_frame(const Request& request) {
  Json json = request.body.is_object() ? request.body : Json::object();
  json["id"] = request.id;
  json["command"] = request.command;
  return frame(json);
}

std::string line_frame(std::int64_t id, const Json& line) {
  return frame({{"id", id}, {"line", line}});
}

std::string ok_frame(std::int64_t id, const Json& result) {
  return frame({{"id", id}, {"ok", result.is_object() ? result : Json::object()}});
}

std::string error_frame(std::int64_t id, const Error& error) {
  return frame({{"id", id}, {"error", {{"code", word_of(error.code)}, {"message", error.message}}}});
}

}  // namespace pigeon::control
