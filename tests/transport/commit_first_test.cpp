// The modem's thread at the simulated modem: a slot is freed when its text is on the disk, and not before.
#include <doctest/doctest.h>
#include <poll.h>

#include <atomic>
#include <thread>

#include "sim/modem/sim_modem.h"
#include "tests/modem/modem_helpers.h"
#include "tests/store/sync_watch.h"
#include "tests/store/temp_store.h"
#include "transport/modem_transport.h"

using namespace pigeon;

namespace {

// The texts are of 2002.
const transport::IntakeSettings kIntake{"+12025550100", "", "It could not be read.",
                                        std::chrono::hours(24 * 365 * 100)};

modem::ModemOptions main_modem(const sim::SimModem& sim) {
  modem::ModemOptions options = test::options_for(sim.device());
  options.name = "main";
  return options;
}

template <typename Condition>
bool eventually(Condition condition) {
  const SteadyTime give_up = steady_now() + seconds(10);
  while (!condition() && steady_now() < give_up) std::this_thread::sleep_for(milliseconds(2));
  return condition();
}

}  // namespace

TEST_CASE("modem transport: when AT+CMGD comes, the text is committed and on the disk") {
  sim::SimModem sim;
  store::SyncWatch syncs;
  test::TempStore store;
  store::Wakeups wakeups;
  wakeups.modems["main"];
  store::Database observer(store.database());
  std::atomic<int> freed{0};
  std::atomic<int> committed{0};
  std::atomic<int> on_disk{0};
  std::atomic<int> syncs_at_read{0};
  sim.before_command([&](std::string_view line) {
    const int syncs_now = syncs.count(store::SyncWatch::File::log);
    if (line.starts_with("AT+CMGL") || line.starts_with("AT+CMGR")) syncs_at_read = syncs_now;
    if (line.starts_with("AT+CMGD")) {
      on_disk += syncs_now > syncs_at_read ? 1 : 0;
      store::Statement count(observer, "SELECT count(*) FROM inbox");
      auto query = count.bind();
      committed += query.next() && query.integer(0) == freed + 1 ? 1 : 0;
      ++freed;
    }
    return sim::Intervention{};
  });
  sim.deliver(test::deliver_pdu(0));  // while nobody looks
  transport::ModemTransport modem(main_modem(sim), kIntake, *store, wakeups);
  modem.start();
  REQUIRE(eventually([&] { return sim.messages_stored() == 0; }));
  sim.deliver(test::deliver_pdu(1));  // announced
  REQUIRE(eventually([&] { return freed == 2 && sim.messages_stored() == 0; }));
  CHECK(committed == 2);
  CHECK(on_disk == 2);
  CHECK(wakeups.local.wait(steady_now()));
  sim.before_command({});
}

TEST_CASE("modem transport: a text that the disk does not take stays in the modem") {
  sim::SimModem sim;
  test::TempStore store;
  store::Wakeups wakeups;
  wakeups.modems["main"];
  std::atomic<int> read{0};
  std::atomic<bool> deleted{false};
  sim.after_command([&](std::string_view line) {
    read += line.starts_with("AT+CMGR") || line.starts_with("AT+CMGL") ? 1 : 0;
    deleted = deleted || line.starts_with("AT+CMGD");
    return sim::Intervention{};
  });
  transport::ModemTransport modem(main_modem(sim), kIntake, *store, wakeups);
  modem.start();
  REQUIRE(eventually([&] { return read >= 1; }));  // it is up
  store::Database(store.database()).execute("ALTER TABLE inbox RENAME TO gone");
  const int before = read;
  sim.deliver(test::deliver_pdu(0));
  REQUIRE(eventually([&] { return read >= before + 2; }));  // announced, and listed again after the failure
  CHECK_FALSE(deleted);
  CHECK(sim.messages_stored() == 1);
  store::Database(store.database()).execute("ALTER TABLE gone RENAME TO inbox");
  CHECK(eventually([&] { return sim.messages_stored() == 0; }));
  CHECK(store->inbox.count_open() == 1);
  sim.after_command({});
}

TEST_CASE(
    "modem transport: a text that comes directly is on the disk before it is acknowledged, and is one text") {
  sim::SimModem sim;
  REQUIRE(test::open_modem(main_modem(sim))->ask_raw("AT+CSMS=1", seconds(5)));
  store::SyncWatch syncs;
  test::TempStore store;
  store::Wakeups wakeups;
  wakeups.modems["main"];
  store::Database observer(store.database());
  std::atomic<int> acknowledged{0};
  std::atomic<int> committed{0};
  std::atomic<int> on_disk{0};
  std::atomic<int> syncs_before{0};
  std::atomic<int> health{0};
  sim.before_command([&](std::string_view line) {
    health += line == "AT+CSQ" ? 1 : 0;
    if (line == "AT+CNMI=2,2,0,1,0") syncs_before = syncs.count(store::SyncWatch::File::log);
    if (line.starts_with("AT+CNMA")) {
      store::Statement count(observer, "SELECT count(*) FROM inbox");
      auto query = count.bind();
      committed += query.next() && query.integer(0) == 1 ? 1 : 0;
      on_disk += syncs.count(store::SyncWatch::File::log) > syncs_before ? 1 : 0;
      ++acknowledged;
    }
    return sim::Intervention{};
  });
  transport::ModemTransport transport(main_modem(sim), kIntake, *store, wakeups);
  transport.start();
  REQUIRE(eventually([&] { return health == 1; }));
  for (int time = 1; time <= 2; ++time) {  // as from a network that did not hear it
    std::atomic<bool> routed{false};
    REQUIRE(transport.ask(transport::Errand{"AT+CNMI=2,2,0,1,0", seconds(5), false,
                                            [&](const Result<modem::RawAnswer>&) { routed = true; }}));
    REQUIRE(eventually([&] { return routed.load(); }));
    sim.deliver(test::deliver_pdu(0));
    CHECK(eventually([&] { return acknowledged == time; }));
  }
  CHECK(committed == 2);
  CHECK(on_disk == 2);
  CHECK(sim.messages_stored() == 0);
  sim.before_command({});
}

TEST_CASE("modem transport: a sync that failed once keeps no text out, although nobody else commits") {
  sim::SimModem sim;
  std::atomic<bool> refuses{false};
  store::SyncWatch syncs;
  syncs.before_sync([&refuses](store::SyncWatch::File file) {
    return file == store::SyncWatch::File::log && refuses.exchange(false) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
  });
  test::TempStore store;
  store::Wakeups wakeups;
  wakeups.modems["main"];
  std::atomic<int> health{0}, read{0};
  sim.before_command([&](std::string_view line) {
    health += line == "AT+CSQ" ? 1 : 0;
    if (line.starts_with("AT+CMGR") && read++ == 0) refuses = true;
    return sim::Intervention{};
  });
  transport::ModemTransport modem(main_modem(sim), kIntake, *store, wakeups);
  modem.start();
  REQUIRE(eventually([&] { return health == 1; }));
  sim.deliver(test::deliver_pdu(0));
  CHECK(eventually([&] { return sim.messages_stored() == 0; }));
  CHECK(read > 0);
  CHECK_FALSE(refuses);
  CHECK(store->inbox.count_open() == 1);
  sim.before_command({});
}
