// /healthz and `pigeon` for what is wrong with modem, SIM and network: its code, and 503 where the box does
// not do its work.
#include <doctest/doctest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/e2e/box.h"
#include "tests/e2e/pigeon.h"
#include "tests/e2e/run.h"

using namespace pigeon;
using e2e::Box;
using e2e::run;

namespace {

struct Row {
  const char* name;
  void (*spoil)(sim::SimModemOptions& options, sim::ModemHabits& habits);
  int registration;
  int signal;
  const char* condition;
  int status;
};

}  // namespace

TEST_CASE("e2e: healthz is 503 where no text comes in, and 200 where only replies fail") {
  const Row rows[] = {
      {"no signal", {}, 2, 99, "no_signal", 503},
      {"no network", {}, 0, 20, "no_network", 503},
      {"denied", {}, 3, 20, "sim_refused", 503},
      {"full", [](sim::SimModemOptions&, sim::ModemHabits& habits) { habits.used = 30; }, 1, 20,
       "modem_storage_full", 503},
      {"no SMS centre", [](sim::SimModemOptions& options, sim::ModemHabits&) { options.smsc = ""; }, 1, 20,
       "no_service_centre", 200},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    sim::SimModemOptions options;
    sim::ModemHabits habits;
    if (row.spoil != nullptr) row.spoil(options, habits);
    Box box({.modem = options});
    box.modem.set_habits(habits);
    box.modem.set_registration(row.registration);
    box.modem.set_signal(row.signal);
    REQUIRE(box.start());
    CHECK(e2e::eventually([&] { return e2e::problems_of(box) == nlohmann::json{row.condition}; },
                          e2e::kPatience, milliseconds(100)));
    const auto health = httplib::Client(box.url()).Get("/healthz");
    REQUIRE(health);
    CHECK_MESSAGE(health->status == row.status, health->body);
    const auto status = run({PIGEON, "--config", box.config(), "--json"});
    CHECK(status.status == 1);
    const auto problems = nlohmann::json::parse(status.out)["problems"];
    REQUIRE_MESSAGE(problems.size() == 1, status.out);
    CHECK(problems[0]["code"] == row.condition);
    CHECK(problems[0]["see"].get<std::string>().starts_with("docs/modems.md#"));
  }
}
