// `pigeon modem selftest`: the words for what became of a text to ourselves.
#include "cli/modem_selftest.h"

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

Told tell(const Result<json>& answer, bool as_json = false) {
  std::istringstream in;
  std::ostringstream out, err;
  const cli::Call call{"", as_json, false, {}, {}, in, out, err};
  const int status = cli::tell_selftest(call, answer, "+12025550100");
  std::istringstream lines(out.str() + err.str());
  if (!as_json)
    for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(columns(line) <= 80, line);
  return {status, out.str(), err.str()};
}

json back(bool own = true, bool announced = true) {
  return {{"outcome", "came back"},
          {"seconds", 3.41},
          {"modem", "main"},
          {"announced", announced},
          {"from_own_number", own}};
}

}  // namespace

TEST_CASE("modem selftest: how long it took, and how it was found") {
  Told told = tell(back());
  CHECK(told.status == 0);
  CHECK(told.out == "The text came back after 3.4 s: this modem sends and receives.\n");
  told = tell(back(true, false));
  CHECK(told.status == 0);
  CHECK(told.out.find("found by listing") != std::string::npos);
  told = tell(back(), true);
  CHECK(json::parse(told.out)["ok"] == true);
  CHECK(json::parse(told.out)["seconds"] == 3.41);
}

TEST_CASE("modem selftest: from another number, lost, not sent, and nobody to ask end with 1 and a cure") {
  Told told = tell(back(false));
  CHECK(told.status == 1);
  CHECK(told.err.find("[gateway] number") != std::string::npos);
  told = tell(back(false), true);
  CHECK(json::parse(told.out)["ok"] == false);
  told = tell(json{{"outcome", "lost"}, {"message", "it did not come back within 120 s"}});
  CHECK(told.status == 1);
  for (const char* words : {"did not come back within 120 s", "SMS", "+12025550100", "unplug"})
    CHECK_MESSAGE(told.err.find(words) != std::string::npos, told.err);
  told = tell(json{{"outcome", "failed"}, {"message", "AT+CMGS: +CMS ERROR: 331 (no network service)"}});
  CHECK(told.status == 1);
  CHECK(told.err.find("→") != std::string::npos);
  told = tell(fail(Errc::busy, "another self-test is under way"), true);
  CHECK(told.status == 1);
  CHECK(json::parse(told.out)["error"]["code"] == "busy");
  CHECK(tell(fail(Errc::bad_input, "which modem?")).status == 2);
}
