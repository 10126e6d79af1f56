// `pigeon modem info`: figures in words, and what is wrong with what a modem tells.
#include "cli/modem_info.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "base/paragraph.h"

using namespace pigeon;
using cli::ModemInfo;
using modem::Cause;
using store::NetworkRegistration;

namespace {

ModemInfo good() {
  ModemInfo info;
  info.state.name = "main";
  info.state.ready = true;
  info.state.device = "/dev/ttyUSB2";
  info.state.manufacturer = "Quectel";
  info.state.model = "EC25";
  info.state.revision = "EC25EFAR06A06M4G";
  info.state.imei = "490154203237518";
  info.state.network = "Pigeonet";
  info.state.technology = "LTE";
  info.state.registration = NetworkRegistration::home;
  info.state.signal_dbm = -77;
  info.state.smsc = "+12025550199";
  info.state.storages = "SM 3 of 20, ME 0 of 23";
  info.state.updated_at = utc_now() - seconds(12);
  return info;
}

std::string text_of(const ModemInfo& info) {
  const std::string text = cli::to_text(info, utc_now(), false);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(columns(line) <= 80, line);
  return text;
}

}  // namespace

TEST_CASE("modem info: every figure has a line and the signal a word") {
  const ModemInfo info = good();
  CHECK(cli::causes_of(info.state).empty());
  const std::string text = text_of(info);
  for (const char* words :
       {"ready, looked at 12 s ago", "/dev/ttyUSB2", "Quectel", "EC25EFAR06A06M4G", "490154203237518",
        "Pigeonet, LTE", "home", "good (-77 dBm)", "+12025550199", "SM 3 of 20, ME 0 of 23"})
    CHECK_MESSAGE(text.find(words) != std::string::npos, text);
  CHECK(text.find('!') == std::string::npos);
  const cli::Json json = cli::to_json(info);
  CHECK(json["signal_dbm"] == -77);
  CHECK(json["signal"] == "good");
  CHECK(json["causes"].empty());
  CHECK(json.contains("looked_at"));
}

TEST_CASE("modem info: what is wrong with a modem is told with its cure") {
  struct Case {
    void (*spoil)(store::ModemState&);
    Cause cause;
  };
  const Case cases[] = {
      {[](store::ModemState& state) { state.registration = NetworkRegistration::denied; },
       Cause::registration_denied},
      {[](store::ModemState& state) { state.registration = NetworkRegistration::not_registered; },
       Cause::no_network},
      {[](store::ModemState& state) { state.registration = NetworkRegistration::searching; },
       Cause::no_network},
      {[](store::ModemState& state) {
         state.registration = NetworkRegistration::searching;
         state.signal_dbm.reset();
       },
       Cause::no_signal},
      {[](store::ModemState& state) { state.smsc.clear(); }, Cause::no_service_centre},
      {[](store::ModemState& state) { state.storages = "SM 20 of 20, ME 0 of 23"; }, Cause::storage_full},
      {[](store::ModemState& state) { state.storages = "ME 0 of 23, SM 20 of 20"; }, Cause::storage_full},
  };
  for (const Case& c : cases) {
    ModemInfo info = good();
    c.spoil(info.state);
    CHECK((cli::causes_of(info.state) == std::vector<Cause>{c.cause}));
    const std::string text = text_of(info);
    const modem::CauseWords& words = modem::words_of(c.cause);
    CHECK(text.find("! " + std::string(words.means.substr(0, 20))) != std::string::npos);
    CHECK(text.find("  → " + std::string(words.cure.substr(0, 20))) != std::string::npos);
    CHECK(cli::to_json(info)["causes"][0]["cause"] == std::string(words.word));
  }
  ModemInfo empty = good();
  empty.state.storages = "ME 0 of 0";
  CHECK(cli::causes_of(empty.state).empty());
}

TEST_CASE("modem info: a modem that is not ready says why and no figures of before") {
  ModemInfo info = good();
  info.state.ready = false;
  info.state.detail = "the SIM is blocked and asks for its PUK: unlock it in a phone\x1b[2J";
  const std::string text = text_of(info);
  CHECK(text.find("not ready") != std::string::npos);
  CHECK(text.find("! the SIM is blocked and asks for its PUK\n") != std::string::npos);
  CHECK(text.find("  → unlock it in a phone") != std::string::npos);
  CHECK(cli::to_json(info)["causes"][0]["cause"] == "sim_blocked");
  CHECK(text.find("dBm") == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("modem info: dBm in words grow with the signal") {
  struct Case {
    int dbm;
    const char* word;
  };
  for (const Case& c : {Case{-51, "excellent"}, Case{-73, "excellent"}, Case{-75, "good"}, Case{-85, "fair"},
                        Case{-95, "weak"}, Case{-107, "hardly any"}, Case{-113, "hardly any"}})
    CHECK(cli::signal_in_words(c.dbm) == c.word);
}
