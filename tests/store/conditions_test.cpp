// What is wrong with the box: begun once, counted, gone when it ends, and in the same words for everybody.
#include "store/conditions.h"

#include <doctest/doctest.h>

#include "base/file.h"
#include "tests/manual_clock.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using Code = ConditionCode;

namespace {

constexpr UtcTime kNow{std::chrono::hours(24 * 365 * 56)};

ModemState modem(bool ready, NetworkRegistration registration) {
  ModemState state;
  state.name = "main";
  state.ready = ready;
  state.detail = ready ? "" : "the SIM wants a PIN";
  state.registration = registration;
  state.signal_dbm = -77;
  state.smsc = "+12025550199";
  state.updated_at = kNow;
  return state;
}

}  // namespace

TEST_CASE("conditions: one begins once, is counted, and keeps its beginning until it ends") {
  test::TempStore store;
  Conditions& conditions = store->conditions;
  conditions.begin(in_one(*store), Code::x_api, "", "HTTP 503", kNow);
  conditions.begin(in_one(*store), Code::x_api, "", "HTTP 502", kNow + seconds(60));
  auto all = conditions.list();
  REQUIRE(all.size() == 1);
  CHECK(all[0].since == kNow);
  CHECK(all[0].count == 2);
  CHECK(all[0].detail == "HTTP 502");
  CHECK(conditions.end(in_one(*store), Code::x_api, ""));
  CHECK_FALSE(conditions.end(in_one(*store), Code::x_api, ""));
  CHECK(conditions.list().empty());
}

TEST_CASE("conditions: each modem has its own, and a step of the clock moves them all") {
  test::ManualClock clock;
  test::TempStore store{clock};
  const UtcTime now = store->time.now();
  store->conditions.begin(in_one(*store), Code::no_network, "b", "", now);
  store->conditions.begin(in_one(*store), Code::no_network, "a", "", now);
  store->conditions.begin(in_one(*store), Code::x_keys, "", "", now);
  CHECK(store->conditions.end(in_one(*store), Code::no_network, "a"));
  clock.step(std::chrono::hours(1));
  static_cast<void>(store->time.now());
  const auto all = store->conditions.list();
  REQUIRE(all.size() == 2);
  CHECK(all[0].code == Code::x_keys);
  CHECK(all[1].subject == "b");
  CHECK(all[1].since == now + std::chrono::hours(1));
}

TEST_CASE("conditions: what a modem's state shows begins and ends with it") {
  test::TempStore store;
  const auto codes = [&store] {
    std::string words;
    for (const Condition& condition : store->conditions.list())
      words += std::string(word_of(condition.code)) + "(" + condition.subject + ") ";
    return words;
  };
  store->modems.put(in_one(*store), modem(false, NetworkRegistration::denied));
  CHECK(codes() == "modem_not_ready(main) ");
  CHECK(store->conditions.list()[0].detail == "the SIM wants a PIN");
  store->modems.put(in_one(*store), modem(true, NetworkRegistration::denied));
  CHECK(codes() == "sim_refused(main) ");
  store->modems.put(in_one(*store), modem(true, NetworkRegistration::not_registered));
  CHECK(codes() == "no_network(main) ");
  ModemState searching = modem(true, NetworkRegistration::searching);
  store->modems.put(in_one(*store), searching);
  CHECK(codes() == "no_network(main) ");
  searching.signal_dbm.reset();
  store->modems.put(in_one(*store), searching);
  CHECK(codes() == "no_signal(main) ");
  store->modems.put(in_one(*store), modem(true, NetworkRegistration::home));
  CHECK(codes().empty());
  ModemState full = modem(true, NetworkRegistration::home);
  full.storages = "SM 3 of 20, ME 23 of 23";
  full.smsc = "";
  store->modems.put(in_one(*store), full);
  CHECK(codes() == "modem_storage_full(main) no_service_centre(main) ");
  full.ready = false;
  store->modems.put(in_one(*store), full);
  CHECK(codes() == "modem_not_ready(main) ");
}

TEST_CASE("conditions: one storage without a free slot is full") {
  for (const char* full : {"SM 20 of 20", "SM 21 of 20, ME 0 of 23", "SM 0 of 20, ME 23 of 23"}) {
    CAPTURE(full);
    CHECK(is_one_full(full));
  }
  for (const char* free :
       {"", "SM 19 of 20", "SM 0 of 0", "SM 3 of 20, ME 0 of 23", "SM", "SM of", "SM x of y"}) {
    CAPTURE(free);
    CHECK_FALSE(is_one_full(free));
  }
}

TEST_CASE("conditions: a start forgets all but what it cannot see anew") {
  test::TempStore store;
  for (const Code code : {Code::x_api, Code::no_network, Code::replies_failed, Code::country_missing})
    store->conditions.begin(in_one(*store), code, "", "", kNow);
  store->conditions.clear(in_one(*store));
  const auto all = store->conditions.list();
  REQUIRE(all.size() == 2);
  CHECK(all[0].code == Code::replies_failed);
  CHECK(all[1].code == Code::country_missing);
}

TEST_CASE("conditions: each says what is wrong and what to do, here and in the operator's handbook") {
  const auto handbook = read_file(std::string(PIGEON_TEST_DATA) + "/../../docs/operating.md");
  REQUIRE(handbook);
  REQUIRE(all_conditions().size() > 20);
  for (const Code code : all_conditions()) {
    const std::string word(word_of(code));
    CAPTURE(word);
    const ConditionWords words = words_of(code);
    const bool says_itself = code == Code::modem_not_ready || code == Code::thread_stuck;
    CHECK(words.text.empty() == says_itself);
    CHECK(words.cure.empty() == (code == Code::modem_not_ready));
    // In bold where this box fails.
    CHECK((handbook->find("**`" + word + "`**") != std::string::npos) == words.box_fails);
    CHECK((handbook->find("| `" + word + "` |") != std::string::npos) != words.box_fails);
  }
}
