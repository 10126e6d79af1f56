// The box's state for people: what is wrong is said, with what to do. Reads a store as `pigeon status` does.
#include "cli/status_report.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/store/temp_store.h"

using namespace pigeon;

namespace {

// What `pigeon status` prints about a running daemon whose modem is in `state`.
std::string status_with(store::ModemState state) {
  test::TempStore store;  // owned by this process, as by a daemon
  state.name = "main";
  state.updated_at = utc_now();
  store->modems.put(state);
  Config config;
  config.gateway.number = "+15550100";
  config.store.path = store.database();
  config.store.key_file = store.key();
  const auto report = cli::read_status(config);
  REQUIRE_MESSAGE(report, report.error().message);
  return cli::to_text(*report, utc_now(), false);
}

}  // namespace

TEST_CASE("status: a modem's trouble is told, and a modem without any is not accused") {
  struct Row {
    const char* name;
    store::ModemState modem;
    std::string expected;
  };
  Row rows[] = {
      {"at home", {.ready = true, .registration = "home"}, "All is well."},
      {"abroad", {.ready = true, .registration = "roaming"}, "All is well."},
      {"denied", {.ready = true, .registration = "denied"}, "the network refuses this SIM"},
      {"no network", {.ready = true, .registration = "not registered"}, "no network"},
      {"not ready", {.ready = false, .detail = "the SIM wants a PIN"}, "the SIM wants a PIN"},
  };
  for (Row& row : rows) {
    CAPTURE(row.name);
    const std::string text = status_with(row.modem);
    CAPTURE(text);
    CHECK(text.find(row.expected) != std::string::npos);
    const bool well = text.find("All is well.") != std::string::npos;
    CHECK(well == (row.expected == "All is well."));
  }
}
