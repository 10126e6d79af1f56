// `pigeon modem send`: the words for what became of a text.
#include "cli/modem_send.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "base/paragraph.h"

using namespace pigeon;
using nlohmann::json;

namespace {

struct Told {
  int status;
  std::string out, err;
};

std::string one_line(const std::string& text) {
  std::string line;
  for (const char c : text)
    if ((c != ' ' && c != '\n') || (!line.empty() && line.back() != ' ')) line += c == '\n' ? ' ' : c;
  return line;
}

Told tell(const Result<json>& answer, bool as_json = false, const std::string& cure = {}) {
  std::istringstream in;
  std::ostringstream out, err;
  const cli::Call call{"", as_json, false, {}, {}, in, out, err};
  const int status = cli::tell_sending(call, answer, cure);
  std::istringstream lines(out.str() + err.str());
  if (!as_json)
    for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(columns(line) <= 80, line);
  return {status, out.str(), one_line(err.str())};
}

json answer(const char* outcome, const json& references, int parts = 1, const char* message = nullptr) {
  json said = {{"to", "+12025550123"}, {"parts", parts}, {"references", references}, {"outcome", outcome}};
  if (message != nullptr) said["message"] = message;
  return said;
}

}  // namespace

TEST_CASE("modem send: what the network has taken, with its references") {
  Told told = tell(answer("sent", {7}));
  CHECK(told.status == 0);
  CHECK(told.out == "The network has taken it for +12025550123, reference 7.\n");
  CHECK(told.err.empty());
  told = tell(answer("sent", {7, 8, 9}, 3));
  CHECK(told.out == "The network has taken it for +12025550123 in 3 parts, references 7, 8, 9.\n");
  told = tell(answer("sent", {7}), true);
  CHECK(json::parse(told.out)["ok"] == true);
  CHECK(json::parse(told.out)["references"] == json::array({7}));
}

TEST_CASE("modem send: a refusal is told in the modem's words with its cure, an unknown outcome as such") {
  Told told =
      tell(answer("not sent", json::array(), 1, "AT+CMGS: +CMS ERROR: 330 (service centre address unknown)"));
  CHECK(told.status == 1);
  CHECK(told.out.empty());
  CHECK(told.err.find("pigeon: not sent: AT+CMGS: +CMS ERROR: 330") == 0);
  CHECK(told.err.find("→ ") != std::string::npos);
  told =
      tell(answer("not sent", json::array(), 1, "AT+CMGS: +CMS ERROR: 21 (short message transfer rejected)"));
  CHECK(told.err.find("look whether a phone can text it") != std::string::npos);
  told = tell(answer("not sent", json::array(), 1, "AT+CMGS: +CMS ERROR: 42 (congestion)"), true);
  CHECK(json::parse(told.out)["cause"] == "network_busy");
  CHECK(json::parse(told.out)["cure"].get<std::string>().find("try again") == 0);
  told = tell(answer("not sent", {7}, 3, "AT+CMGS: +CMS ERROR: 38"));
  CHECK(told.err.find("1 of 3 parts were sent; then: AT+CMGS") != std::string::npos);
  told = tell(answer("unknown", json::array(), 1, "AT+CMGS: no answer within 180 s"), true);
  CHECK(told.status == 1);
  CHECK(json::parse(told.out)["outcome"] == "unknown");
  CHECK(json::parse(told.out)["ok"] == false);
  CHECK(told.err.find("whether it was sent is not known") != std::string::npos);
  CHECK(told.err.find("before you send it again") != std::string::npos);
}

TEST_CASE(
    "modem send: a daemon that ended or keeps silent leaves it unknown, one that was not asked does not") {
  for (const Errc code : {Errc::timeout, Errc::disconnected, Errc::outcome_unknown}) {
    const Told told = tell(fail(code, "pigeond ended"), true);
    CHECK(told.status == 1);
    CHECK(json::parse(told.out)["outcome"] == "unknown");
  }
  Told told =
      tell(fail(Errc::disconnected, "you are not in the group carrier-pigeon"), true, "ask with sudo");
  CHECK(told.status == 1);
  CHECK(json::parse(told.out)["error"]["cure"] == "ask with sudo");
  told = tell(fail(Errc::bad_input, "this is no phone number"));
  CHECK(told.status == 2);
  CHECK(told.err.find("→ write it with + and the country's code") != std::string::npos);
  told = tell(fail(Errc::bad_input, "this is a short code, which may cost money"));
  CHECK(told.status == 2);
  CHECK(told.err == "pigeon: this is a short code, which may cost money → use a phone for it ");
  told = tell(fail(Errc::unsupported, "this phone has texted STOP"));
  CHECK(told.status == 1);
}
