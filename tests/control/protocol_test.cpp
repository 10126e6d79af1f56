// The lines of the control socket.
#include "control/protocol.h"

#include <doctest/doctest.h>

#include <string>

#include "base/text.h"

using namespace pigeon;
using namespace pigeon::control;

TEST_CASE("protocol: a request comes through as it was") {
  const auto request = parse_request(R"({"id":7,"command":"outbox.move","reply":3,"modem":"a\nb"})");
  REQUIRE(request.has_value());
  CHECK(request->id == 7);
  CHECK(request->command == "outbox.move");
  CHECK(request->body.at("reply") == 3);
  const std::string frame = request_frame(*request);
  CHECK(frame.find('\n') == frame.size() - 1);
  const auto again = parse_request(frame.substr(0, frame.size() - 1));
  REQUIRE(again.has_value());
  CHECK(again->body == request->body);
}

TEST_CASE("protocol: what is no request is refused") {
  struct Row {
    const char* name;
    std::string line;
  };
  const Row rows[] = {{"nothing", ""},
                      {"no JSON", "AT"},
                      {"half of one", R"({"id":1,"command":"a")"},
                      {"no object", R"([1,"command"])"},
                      {"no id", R"({"command":"a"})"},
                      {"an id below 0", R"({"id":-1,"command":"a"})"},
                      {"an id that is none", R"({"id":"1","command":"a"})"},
                      {"no command", R"({"id":1})"},
                      {"an empty command", R"({"id":1,"command":""})"},
                      {"a command that is none", R"({"id":1,"command":{}})"},
                      {"a long command", R"({"id":1,"command":")" + std::string(65, 'a') + "\"}"},
                      {"no UTF-8", "{\"id\":1,\"command\":\"\xFF\"}"},
                      {"nested without end", R"({"id":1,"command":"a","x":)" + std::string(60000, '[')},
                      {"too long", R"({"id":1,"command":"a","x":")" + std::string(kMostFrame, 'x') + "\"}"}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto request = parse_request(row.line);
    REQUIRE_FALSE(request.has_value());
    CHECK(request.error().code == Errc::bad_input);
  }
}

TEST_CASE("protocol: lines and ends are told apart") {
  const auto parsed = [](const std::string& frame) { return parse_reply(frame.substr(0, frame.size() - 1)); };
  const auto line = parsed(line_frame(1, "+CSQ: 20,99"));
  REQUIRE(line.has_value());
  CHECK(line->line == Json("+CSQ: 20,99"));
  CHECK_FALSE((line->ok || line->error));
  const auto ok = parsed(ok_frame(1, {{"taken", 2}}));
  REQUIRE(ok.has_value());
  CHECK(ok->ok == Json({{"taken", 2}}));
  for (const Errc code : {Errc::bad_input, Errc::not_found, Errc::denied, Errc::unsupported, Errc::conflict,
                          Errc::busy, Errc::timeout, Errc::disconnected, Errc::io, Errc::outcome_unknown}) {
    const auto error = parsed(error_frame(2, {code, "words", Retry::no}));
    REQUIRE(error.has_value());
    CHECK(error->id == 2);
    CHECK(error->error->code == code);
    CHECK(error->error->message == "words");
  }
  CHECK_FALSE(parse_reply(R"({"id":1})").has_value());
  CHECK_FALSE(parse_reply(R"({"id":1,"ok":{},"line":""})").has_value());
}

TEST_CASE("protocol: what a modem says is one line of UTF-8 whatever it is") {
  const std::string frame = line_frame(1, "\xFF\x1b\n\x80 end");
  CHECK(frame.find('\n') == frame.size() - 1);
  CHECK(is_valid_utf8(frame));
}
