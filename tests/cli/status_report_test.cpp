// The box's state for people: what is wrong is said, with what to do. Reads a store as `pigeon status` does.
#include "cli/status_report.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "base/paragraph.h"
#include "modem/causes/cause.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using store::NetworkRegistration;

namespace {

Config config_of(const test::TempStore& store) {
  Config config;
  config.gateway.number = "+12025550100";
  config.store.path = store.database();
  config.store.key_file = store.key();
  return config;
}

// What `pigeon status` prints about a running daemon with this modem.
std::string status_with(bool ready, const std::string& detail, NetworkRegistration registration) {
  test::TempStore store;  // owned by this process, as by a daemon
  store::ModemState modem;
  modem.name = "main";
  modem.ready = ready;
  modem.detail = detail;
  modem.registration = registration;
  modem.smsc = "+12025550199";
  modem.updated_at = utc_now();
  store->modems.put(in_one(*store), modem);
  const Config config = config_of(store);
  const auto report = cli::read_status(config);
  REQUIRE_MESSAGE(report, report.error().message);
  return cli::to_text(*report, utc_now(), false);
}

}  // namespace

TEST_CASE("status: texts that were too old to be posted are counted") {
  test::TempStore store;
  store::NewPart part;
  part.state = store::PartState::ignored;
  part.reason = store::PartReason::message_waiting;
  static_cast<void>(store->parts.add(in_one(*store), part));
  const Config config = config_of(store);
  CHECK(cli::to_text(*cli::read_status(config), utc_now(), false).find("older than") == std::string::npos);
  part.reason = store::PartReason::too_old;
  for (int i = 0; i < 2; ++i) static_cast<void>(store->parts.add(in_one(*store), part));
  const auto report = *cli::read_status(config);
  CHECK(cli::to_text(report, utc_now(), false).find("2 were older than gateway.oldest") != std::string::npos);
  CHECK(cli::to_json(report)["inbox"]["too_old"] == 2);
}

TEST_CASE("status: each condition is told with its cure while it lasts, and not longer") {
  test::TempStore store;
  store::ModemState modem;
  modem.name = "main";
  modem.ready = true;
  modem.smsc = "+12025550199";
  modem.registration = NetworkRegistration::home;
  modem.updated_at = utc_now();
  store->modems.put(in_one(*store), modem);
  Config config = config_of(store);
  config.modems.emplace_back().name = "main";
  for (const store::ConditionCode code : store::all_conditions()) {
    const std::string word(store::word_of(code));
    CAPTURE(word);
    store->conditions.begin(in_one(*store), code, "", "it is so", utc_now() - seconds(3));
    const auto report = *cli::read_status(config);
    REQUIRE(report.problems.size() == 1);
    CHECK(report.problems[0].code == word);
    CHECK(report.problems[0].cure == store::words_of(code).cure);
    const std::string text = cli::to_text(report, utc_now(), false);
    CHECK(text.find("\n! " + report.problems[0].text.substr(0, 20)) != std::string::npos);
    CHECK(text.find("All is well.") == std::string::npos);
    CHECK(cli::to_json(report)["problems"][0]["code"] == word);
    store->conditions.end(in_one(*store), code, "");
    CHECK(cli::read_status(config)->problems.empty());
  }
}

TEST_CASE("status: a modem's trouble is told, and a modem without any is not accused") {
  struct Row {
    const char* name;
    bool ready;
    std::string detail;
    NetworkRegistration registration;
    std::string expected;
  };
  const Row rows[] = {
      {"at home", true, "", NetworkRegistration::home, "All is well."},
      {"abroad", true, "", NetworkRegistration::roaming, "All is well."},
      {"denied", true, "", NetworkRegistration::denied, "the network refuses this SIM"},
      {"not ready", false, "the SIM wants a PIN", NetworkRegistration::unknown, "the SIM wants a PIN"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::string text = status_with(row.ready, row.detail, row.registration);
    CAPTURE(text);
    CHECK(text.find(row.expected) != std::string::npos);
    const bool well = text.find("All is well.") != std::string::npos;
    CHECK(well == (row.expected == "All is well."));
  }
}

TEST_CASE("status: no line is wider than a terminal") {
  test::TempStore store;
  store::ModemState modem;
  modem.name = "the-one-in-the-attic";
  modem.ready = true;
  modem.model = "EC25-EUX MINIPCIE";
  modem.registration = NetworkRegistration::roaming;
  modem.network = "A mobile operator's long name";
  modem.signal_dbm = -113;
  modem.updated_at = utc_now();
  store->modems.put(in_one(*store), modem);
  std::istringstream lines(cli::to_text(*cli::read_status(config_of(store)), utc_now(), true));
  for (std::string line; std::getline(lines, line);)
    if (line.find('\x1b') == std::string::npos) CHECK_MESSAGE(columns(line) <= 80, line);
}

TEST_CASE("status: replies that were dropped are no failures, and answers held back are counted") {
  test::TempStore store;
  const UtcTime now = utc_now();
  const PhoneNumber ada = *PhoneNumber::parse("+12025550123");
  const store::OfferedLink link =
      store->pairings.offer_link(in_one(*store), ada, "main", std::chrono::minutes(15), now);
  const auto ask = [&] {
    return store->outbox.answer(in_one(*store),
                                {ada.e164(), "Open", "main", std::nullopt, store::ReplyKind::link, link.id},
                                "hello", false, now);
  };
  CHECK(ask());
  CHECK(ask());
  CHECK_FALSE(ask());
  CHECK(store->outbox.drop_stale_links(in_one(*store), "main", now + store::kLinkPatience) == 2);
  const auto refused = store->outbox.add(in_one(*store), {ada.e164(), "Hello", "main", std::nullopt}, now);
  store->outbox.failed(in_one(*store), refused, "barred");
  const Config config = config_of(store);
  const auto report = cli::read_status(config);
  REQUIRE_MESSAGE(report, report.error().message);
  const std::string text = cli::to_text(*report, now, false);
  CAPTURE(text);
  CHECK(text.find("0 open, 0 sent, 1 failed, 2 dropped") != std::string::npos);
  CHECK(text.find("1 answers held back by limits.same_words_per_hour") != std::string::npos);
  const auto json = cli::to_json(*report);
  CHECK(json["outbox"]["dropped"] == 2);
  CHECK(json["outbox"]["failed"] == 1);
  CHECK(json["unanswered"] == nlohmann::ordered_json{{"same_words_per_hour", 1}});
}

TEST_CASE("status: what is wrong with a modem is told in the words of its cause, and once") {
  struct Row {
    const char* name;
    void (*spoil)(store::ModemState&);
    modem::Cause cause;
    const char* code;
  };
  const Row rows[] = {
      {"not ready",
       [](store::ModemState& state) {
         state.ready = false;
         state.detail = "the SIM is blocked and asks for its PUK: unlock it in a phone";
       },
       modem::Cause::sim_blocked, "modem_not_ready"},
      {"denied", [](store::ModemState& state) { state.registration = NetworkRegistration::denied; },
       modem::Cause::registration_denied, "sim_refused"},
      {"no network",
       [](store::ModemState& state) { state.registration = NetworkRegistration::not_registered; },
       modem::Cause::no_network, "no_network"},
      {"no signal",
       [](store::ModemState& state) {
         state.registration = NetworkRegistration::not_registered;
         state.signal_dbm.reset();
       },
       modem::Cause::no_signal, "no_signal"},
      {"no SMS centre", [](store::ModemState& state) { state.smsc.clear(); }, modem::Cause::no_service_centre,
       "no_service_centre"},
      {"full", [](store::ModemState& state) { state.storages = "SM 20 of 20"; }, modem::Cause::storage_full,
       "modem_storage_full"},
      {"no signal, and looking for one",
       [](store::ModemState& state) {
         state.registration = NetworkRegistration::searching;
         state.signal_dbm.reset();
       },
       modem::Cause::no_signal, "no_signal"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    test::TempStore store;
    store::ModemState modem;
    modem.name = "main";
    modem.ready = true;
    modem.registration = NetworkRegistration::home;
    modem.signal_dbm = -77;
    modem.smsc = "+12025550199";
    modem.updated_at = utc_now();
    row.spoil(modem);
    store->modems.put(in_one(*store), modem);
    const auto report = *cli::read_status(config_of(store));
    REQUIRE(report.problems.size() == 1);
    const modem::CauseWords& words = modem::words_of(row.cause);
    CHECK(report.problems[0].code == row.code);
    CHECK(report.problems[0].text == "modem main: " + std::string(words.means));
    CHECK(report.problems[0].cure == words.cure);
    CHECK(cli::to_json(report)["problems"][0]["see"] == std::string(words.section));
  }
}

TEST_CASE("status: conditions of a modem and causes have the same words") {
  struct Row {
    store::ConditionCode code;
    modem::Cause cause;
  };
  for (const Row& row : {Row{store::ConditionCode::sim_refused, modem::Cause::registration_denied},
                         Row{store::ConditionCode::no_signal, modem::Cause::no_signal},
                         Row{store::ConditionCode::no_service_centre, modem::Cause::no_service_centre},
                         Row{store::ConditionCode::modem_storage_full, modem::Cause::storage_full},
                         Row{store::ConditionCode::no_network, modem::Cause::no_network}}) {
    CHECK(store::words_of(row.code).text == modem::words_of(row.cause).means);
    CHECK(store::words_of(row.code).cure == modem::words_of(row.cause).cure);
  }
}

TEST_CASE("status: a condition is told with its beginning and its cure, to people and to machines") {
  test::TempStore store;
  store::ModemState modem;
  modem.name = "main";
  modem.ready = true;
  modem.smsc = "+12025550199";
  modem.updated_at = utc_now();
  store->modems.put(in_one(*store), modem);
  store->conditions.begin(in_one(*store), store::ConditionCode::x_keys, "", "HTTP 401",
                          utc_now() - std::chrono::hours(3));
  store->conditions.begin(in_one(*store), store::ConditionCode::x_keys, "", "HTTP 401", utc_now());
  const Config config = config_of(store);
  const auto report = cli::read_status(config);
  REQUIRE_MESSAGE(report, report.error().message);
  const std::string text = cli::to_text(*report, utc_now(), false);
  CAPTURE(text);
  CHECK(text.find("All is well.") == std::string::npos);
  CHECK(text.find("! X refuses this box's keys; texts wait and nobody is unlinked (since 3 h ago)\n"
                  "  → correct [x] in the configuration, then: systemctl reload carrier-pigeon\n") !=
        std::string::npos);
  const auto json = cli::to_json(*report);
  CHECK(json["problems"][0]["code"] == "x_keys");
  CHECK(json["problems"][0]["count"] == 2);
  CHECK(json["problems"][0]["since"].get<std::string>().ends_with("Z"));
}
