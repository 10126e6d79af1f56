// The dispatcher's threads: housekeeping, and a thread that hangs in a request. X is the sandbox.
#include "relay/dispatcher.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>

#include "net/http_client.h"
#include "sim/x/x_sandbox.h"
#include "tests/eventually.h"
#include "tests/store/temp_store.h"
#include "x/provider.h"

using namespace pigeon;
using relay::Dispatcher;
using relay::RelaySettings;
using relay::RelayTiming;
using test::eventually;

namespace {

const PhoneNumber kAda = *PhoneNumber::parse("+15550123");

struct Desk {
  net::HttpRuntime runtime;
  test::TempStore store;
  sim::XSandbox x;
  store::Wakeups wakeups;
  pairing::PairingSettings pairing;
  RelaySettings settings{"https://pigeon.example", std::chrono::minutes(15), {}};
  pairing::Tokens tokens{pairing, *store};

  explicit Desk(const RelayTiming& timing) {
    settings.timing = timing;
    pairing.client = x::oauth2_client("sandbox-client", "sandbox-secret", x.url() + "/i/oauth2/authorize",
                                      x.url(), "https://pigeon.example/oauth/callback");
    pairing.api_url = x.url();
  }

  // A link that nobody opened, and that ended `past` ago.
  void offer(milliseconds past) { static_cast<void>(store->pairings.offer(kAda, "main", utc_now() - past)); }
  [[nodiscard]] std::int64_t pairings() const {
    store::Database db(store.database());
    store::Statement count(db, "SELECT count(*) FROM pairings");
    store::Query query = count.bind();
    return query.next() ? query.integer(0) : -1;
  }
  void link() {
    const UtcTime now = utc_now();
    store->accounts.add_credentials(kAda, {"access", "refresh", now + seconds(7200), "", "42", "ada"}, now);
  }
  void text(const std::string& words) {
    const UtcTime now = utc_now();
    static_cast<void>(store->inbox.add({"main", kAda.e164(), kAda.e164(), words, now, now}));
    wakeups.dispatcher.notify();
  }
};

}  // namespace

TEST_CASE("dispatcher: pairings that ended long ago are purged from time to time, younger ones are kept") {
  Desk desk({.housekeeping = milliseconds(20)});
  Dispatcher dispatcher(desk.settings, desk.pairing, *desk.store, desk.wakeups, desk.tokens);
  dispatcher.start();
  for (int round = 0; round < 2; ++round) {
    CAPTURE(round);
    desk.offer(std::chrono::hours(25));
    desk.offer(std::chrono::hours(23));
    CHECK(eventually([&] { return desk.pairings() == round + 1; }));
  }
}

TEST_CASE("dispatcher: a box that never comes to rest keeps house all the same") {
  Desk desk({.housekeeping = milliseconds(100)});
  Dispatcher dispatcher(desk.settings, desk.pairing, *desk.store, desk.wakeups, desk.tokens);
  dispatcher.start();
  for (int round = 0; round < 2; ++round) {
    CAPTURE(round);
    desk.offer(std::chrono::hours(25));
    CHECK(eventually([&] {
      desk.wakeups.dispatcher.notify();
      return desk.pairings() == 0;
    }));
  }
}

TEST_CASE("dispatcher: a thread that hangs in a request is overdue, idle ones are not") {
  std::atomic<bool> hung = false;
  std::atomic<bool> released = false;
  Desk desk({.housekeeping = milliseconds(10), .longest_step = milliseconds(300)});
  desk.link();
  desk.x.before_request([&](const std::string&) {
    hung = true;
    static_cast<void>(eventually([&] { return released.load(); }));
  });
  Dispatcher dispatcher(desk.settings, desk.pairing, *desk.store, desk.wakeups, desk.tokens);
  CHECK_FALSE(dispatcher.overdue(steady_now()));
  dispatcher.start();
  REQUIRE(eventually([&] { return !dispatcher.overdue(steady_now()); }));
  desk.text("never answered");
  REQUIRE(eventually([&] { return hung.load(); }));
  CHECK(eventually([&] { return dispatcher.overdue(steady_now()); }));
  released = true;
  CHECK(eventually([&] { return !dispatcher.overdue(steady_now()); }));
}
