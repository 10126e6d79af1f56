// The grammar of AT lines: final results, prompts, lines cut out of noise. Cases are what real modems wrote.
#include "modem/at/at_parser.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "modem/at/at_errors.h"

using namespace pigeon::modem;

namespace {

std::vector<std::string> lines_of(std::string_view bytes) {
  LineSplitter splitter;
  std::vector<std::string> lines;
  while (const auto line = splitter.next(bytes)) lines.emplace_back(*line);
  return lines;
}

}  // namespace

TEST_CASE("final results: the truth table of what modems write") {
  using Kind = FinalResult::Kind;
  struct Case {
    const char* line;
    std::optional<Kind> kind;
    std::optional<int> code;
  };
  const Case cases[] = {
      {"OK", Kind::ok, {}},
      {"OKAY", {}, {}},
      {"ok", {}, {}},
      {"ERROR", Kind::error, {}},
      {"COMMAND NOT SUPPORT", Kind::error, {}},
      {"COMMAND NO RESPONSE!", Kind::error, {}},
      {"NA", Kind::error, {}},
      {"NAB", {}, {}},
      {"MODEM ERROR: 5", Kind::error, {}},
      {"MODEM ERROR: apple", {}, {}},
      {"+EXT ERROR: 9", Kind::error, {}},
      {"+CME ERROR: 14", Kind::cme_error, 14},
      {"+CME ERROR: SIM busy", Kind::cme_error, 14},
      {"+CME ERROR: sim not inserted", Kind::cme_error, 10},
      {"+CME ERROR: 515", Kind::cme_error, 515},
      {"+CME ERROR: 3517", Kind::cme_error, 3517},
      {"+CME ERROR: 15790320", Kind::cme_error, 15790320},
      {"+CME ERROR: something else", Kind::cme_error, {}},
      {"+CMS ERROR: 321", Kind::cms_error, 321},
      {"+CMS ERROR:321", Kind::cms_error, 321},
      {"+CMS ERROR: 500", Kind::cms_error, 500},
      {"+CMS ERROR: invalid input value", Kind::cms_error, {}},
      {"+CMS ERROR:", Kind::cms_error, {}},
      {"NO CARRIER", Kind::call_ended, {}},
      {"BUSY", Kind::call_ended, {}},
      {"NO ANSWER", Kind::call_ended, {}},
      {"+CMTI: \"SM\",3", {}, {}},
      {"RING", {}, {}},
      {"CONNECT", {}, {}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.line);
    const auto result = parse_final(c.line);
    REQUIRE(result.has_value() == c.kind.has_value());
    if (!result) continue;
    CHECK(result->kind == *c.kind);
    CHECK(result->code == c.code);
    CHECK(result->text == c.line);
  }
}

TEST_CASE("lines: any mixture of CR and LF, blank lines, noise in front") {
  struct Case {
    const char* name;
    std::string bytes;
    std::vector<std::string> lines;
  };
  const Case cases[] = {
      {"framed", "\r\nOK\r\n", {"OK"}},
      {"bare", "OK\n", {"OK"}},
      {"echo ends with CR", "AT+CPMS?\r\r\n+CPMS: 0\r\n\r\nOK\r\n", {"AT+CPMS?", "+CPMS: 0", "OK"}},
      {"URC before the echo", "^SRVST:0\r\nAT\r\r\nOK\r\n", {"^SRVST:0", "AT", "OK"}},
      {"leading NULs", std::string("\0\0\0\r\nOK\r\n", 9), {"OK"}},
      {"NULs inside", std::string("\r\nO\0K\r\n", 7), {"OK"}},
      {"unprintable bytes in front", "\xff\xfe\x80OK\r\n", {"OK"}},
      {"Ctrl-Z echoed", "0011AB\x1a\r\n+CMGS: 5\r\n", {"0011AB", "+CMGS: 5"}},
      {"spaces around", "  +CSQ: 20,99  \r\n", {"+CSQ: 20,99"}},
      {"UTF-8 inside stays", "+COPS: 0,0,\"T\xc3\xa9l\"\r\n", {"+COPS: 0,0,\"T\xc3\xa9l\""}},
      {"not complete", "\r\n+CSQ: 2", {}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(lines_of(c.bytes) == c.lines);
  }
}

TEST_CASE("lines: cut at every byte, the lines are the same") {
  const std::string bytes = "\r\n+CEREG: 2,0\r\n\r\n+CME ERROR: operation not supported\r\n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    CAPTURE(cut);
    LineSplitter splitter;
    std::vector<std::string> lines;
    for (std::string_view piece :
         {std::string_view(bytes).substr(0, cut), std::string_view(bytes).substr(cut)}) {
      while (const auto line = splitter.next(piece)) lines.emplace_back(*line);
    }
    CHECK(lines == std::vector<std::string>{"+CEREG: 2,0", "+CME ERROR: operation not supported"});
  }
}

TEST_CASE("lines: a flood without an end is dropped, and the next line is read") {
  LineSplitter splitter;
  const std::string flood(100'000, 'x');
  std::string_view bytes = flood;
  CHECK_FALSE(splitter.next(bytes));
  CHECK(splitter.partial().size() <= kMaxLineLength);
  CHECK(splitter.overlong_lines() == 1);
  bytes = "yyy\r\nOK\r\n";
  const auto line = splitter.next(bytes);
  REQUIRE(line);
  CHECK(*line == "OK");
}

TEST_CASE("lines: the longest line is kept whole") {
  const std::string longest(kMaxLineLength, 'A');
  CHECK(lines_of(longest + "\r\n") == std::vector<std::string>{longest});
  CHECK(lines_of(longest + "A\r\nOK\r\n") == std::vector<std::string>{"OK"});
}

TEST_CASE("prompt: with and without the space") {
  CHECK(is_prompt(">"));
  CHECK(is_prompt("> "));
  CHECK_FALSE(is_prompt(""));
  CHECK_FALSE(is_prompt("> 0011"));
}

TEST_CASE("answer shapes: which lines belong to a command") {
  struct Case {
    const char* command;
    const char* prefix;
    bool plain, pdu;
  };
  const Case cases[] = {
      {"AT", "", false, false},
      {"ATE0", "", false, false},
      {"AT+CMGR=3", "+CMGR", false, true},
      {"AT+CMGL=4", "+CMGL", false, true},
      {"AT+CPMS=\"SM\",\"SM\"", "+CPMS", false, false},
      {"AT+CPIN?", "+CPIN", false, false},
      {"AT^CURC=0", "^CURC", false, false},
      {"AT+CGMI", "+CGMI", true, false},
      {"AT+CGSN", "+CGSN", true, false},
      {"ATI", "", true, false},
      {"AT+CMGS=23", "+CMGS", false, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.command);
    const AnswerShape shape = answer_shape(c.command);
    CHECK(shape.prefix == c.prefix);
    CHECK(shape.plain_text == c.plain);
    CHECK(shape.pdu_follows == c.pdu);
    CHECK_FALSE(shape.dials);
  }
  CHECK(answer_shape("ATD+12025550100;").dials);
  CHECK(answer_shape("ATA").dials);
}

TEST_CASE("prefixes end at the colon") {
  CHECK(has_prefix("+CSQ: 20,99", "+CSQ"));
  CHECK(has_prefix("+CMGR:\"REC READ\"", "+CMGR"));
  CHECK_FALSE(has_prefix("+CSQN: 1", "+CSQ"));
  CHECK_FALSE(has_prefix("+CSQ", "+CSQ"));
  CHECK_FALSE(has_prefix("OK", ""));
}

TEST_CASE("unsolicited by form, whoever made the modem") {
  for (const char* line : {"+CREG: 1", "^RSSI:14", "*PSUTTZ: 2021,2", "#QSS: 1", "$QCMTI: 1", "+XNEW_2: 7"}) {
    CAPTURE(line);
    CHECK(looks_like_urc(line));
  }
  for (const char* line :
       {"OK", "07911326", "Quectel", "+", "+CMG", "+12025550100: hello", "+lower: 1", ""}) {
    CAPTURE(line);
    CHECK_FALSE(looks_like_urc(line));
  }
}

TEST_CASE("refusals: what they mean for whoever asks again") {
  struct Case {
    const char* line;
    pigeon::Errc code;
    pigeon::Retry retry;
  };
  using pigeon::Errc;
  using pigeon::Retry;
  const Case cases[] = {
      {"+CMS ERROR: 21", Errc::denied, Retry::no},  // the network refuses a short code
      {"+CMS ERROR: 1", Errc::denied, Retry::no},   // nobody has that number
      {"+CMS ERROR: 69", Errc::denied, Retry::no},
      {"+CMS ERROR: 38", Errc::busy, Retry::yes},
      {"+CMS ERROR: 42", Errc::busy, Retry::yes},
      {"+CMS ERROR: 500", Errc::busy, Retry::yes},  // often: not registered
      {"+CMS ERROR: 350", Errc::busy, Retry::yes},  // LTE gave up
      {"+CMS ERROR: 304", Errc::bad_input, Retry::no},
      {"+CMS ERROR: 303", Errc::unsupported, Retry::no},
      {"+CMS ERROR: no network service", Errc::busy, Retry::yes},
      {"+CME ERROR: 16", Errc::denied, Retry::no},
      {"+CME ERROR: 15790320", Errc::busy, Retry::yes},
      {"ERROR", Errc::busy, Retry::yes},
  };
  for (const Case& c : cases) {
    CAPTURE(c.line);
    const auto error = to_error("AT+CMGS", *parse_final(c.line));
    CHECK(error.code == c.code);
    CHECK(error.retry == c.retry);
    CHECK(error.message.starts_with("AT+CMGS: "));
  }
  CHECK(to_error("AT+CMGS", *parse_final("+CMS ERROR: 38")).message ==
        "AT+CMGS: +CMS ERROR: 38 (network out of order)");
}

TEST_CASE("refusals: what a modem says reaches an error only in harmless form") {
  const auto error =
      to_error("AT+X", {FinalResult::Kind::cme_error, std::nullopt, "+CME ERROR: \x1b[31m\nfoo"});
  CHECK(error.message == "AT+X: +CME ERROR: \\x1b[31m\\nfoo");
}

TEST_CASE("not ready yet: numeric and verbose") {
  for (const char* line : {"+CME ERROR: 14", "+CME ERROR: SIM busy", "+CME ERROR: 515", "+CMS ERROR: 314"}) {
    CHECK(is_not_ready_yet(*parse_final(line)));
  }
  CHECK_FALSE(is_not_ready_yet(*parse_final("+CME ERROR: 10")));
  CHECK_FALSE(is_not_ready_yet(*parse_final("ERROR")));
}
