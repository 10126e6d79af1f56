// The daemon between the simulated modem and the sandbox of X: a thread that hangs makes it unhealthy,
// whichever it is.
#include "daemon/daemon.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/file.h"
#include "sim/modem/sim_modem.h"
#include "sim/network/carrier.h"
#include "sim/x/x_sandbox.h"
#include "tests/eventually.h"
#include "tests/store/in_one.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using daemon::Daemon;
using sim::Intervention;
using test::eventually;

namespace {

const std::string kAda = "+12025550123";

constexpr milliseconds kMoment{300};

// A daemon whose threads promise to be back when `timing` says.
struct Desk {
  test::TempFolder folder;
  sim::XSandbox x;
  sim::SimModem modem;
  sim::Carrier carrier{modem};
  Config config;
  std::unique_ptr<Daemon> daemon;

  explicit Desk(const daemon::DaemonTiming& timing, bool linked = false) {
    config.gateway = {.number = "+12025550100", .public_url = "http://127.0.0.1:1", .country = "US"};
    config.modems = {{.name = "main", .url = "pty:" + modem.device(), .pin_file = {}, .smsc = {}}};
    config.x.client_id = "sandbox-client";
    config.x.authorize_url = x.url() + "/i/oauth2/authorize";
    config.x.api_url = x.url();
    config.store.path = folder.file("pigeon.db");
    config.store.key_file = folder.file("key");
    config.web.listen = "127.0.0.1:0";
    if (linked) link(config.store);
    auto created = Daemon::create(config, timing);
    if (!created) throw std::runtime_error(created.error().message);
    daemon = std::move(*created);
  }

  // Ada has an account from an earlier run.
  static void link(const StoreConfig& config) {
    auto store = store::Store::open(config.path, config.key_file);
    if (!store) throw std::runtime_error(store.error().message);
    const UtcTime now = utc_now();
    (*store)->accounts.add_credentials(in_one(**store), *PhoneNumber::parse(kAda),
                                       {"access", "refresh", now + seconds(7200), "", "42", "ada"}, now);
  }
};

}  // namespace

TEST_CASE("daemon: healthy at rest, not while the modem hangs, and again when it is gone") {
  std::atomic<bool> hung = false;
  Desk desk({.transport = {.longest_step = kMoment}, .relay = {}});
  desk.modem.before_command([&hung](std::string_view line) {
    if (!line.starts_with("AT+CMGS")) return Intervention{};
    hung = true;
    return Intervention{Intervention::Kind::silence, {}};
  });
  CHECK(desk.daemon->stuck().empty());
  desk.daemon->start();
  REQUIRE(desk.carrier.text(kAda, "hello").has_value());  // a link is owed now
  REQUIRE(eventually([&] { return hung.load(); }));
  CHECK(eventually([&] { return desk.daemon->stuck() == "modem/main"; }));
  CHECK(store::word_of(desk.daemon->conditions().at(0).code) == "thread_stuck");
  desk.modem.unplug();
  CHECK(eventually([&] { return desk.daemon->stuck().empty(); }));
}

TEST_CASE("daemon: not healthy while a request to X hangs, and again when it has its answer") {
  std::atomic<bool> hung = false;
  std::atomic<bool> released = false;
  Desk desk({.transport = {}, .relay = {.housekeeping = milliseconds(20), .longest_step = kMoment}}, true);
  desk.x.before_request([&](const std::string&) {
    hung = true;
    static_cast<void>(eventually([&] { return released.load(); }));
  });
  desk.daemon->start();
  REQUIRE(desk.carrier.text(kAda, "hello").has_value());
  REQUIRE(eventually([&] { return hung.load(); }));
  CHECK(eventually([&] { return desk.daemon->stuck().find("relay/network ") == 0; }));
  released = true;
  CHECK(eventually([&] { return desk.daemon->stuck().empty(); }));
}

TEST_CASE("daemon: a secret that cannot be read changes nothing, limits neither") {
  Desk desk({.transport = {}, .relay = {}});
  desk.daemon->start();
  Config fresh = desk.config;
  fresh.limits.unlinked_per_hour = 0;
  fresh.x.client_secret_file = desk.folder.file("gone");
  CHECK_FALSE(desk.daemon->apply(fresh));
  REQUIRE(desk.carrier.text(kAda, "hello").has_value());
  CHECK(desk.carrier.wait_for(kAda, 1, seconds(30)).size() == 1);
}

TEST_CASE("daemon: limits, durations and the secret change under running threads") {
  Desk desk({.transport = {}, .relay = {}});
  desk.daemon->start();
  Config fresh = desk.config;
  fresh.limits.unlinked_per_hour = 0;
  fresh.pairing.expires = seconds(90);
  CHECK(create_private_file(desk.folder.file("secret"), "secret"));
  fresh.x.client_secret_file = desk.folder.file("secret");
  CHECK(desk.daemon->apply(fresh) == true);
  CHECK(desk.daemon->apply(fresh) == false);  // the same secret
  store::Database db(desk.config.store.path);
  store::Statement refused(db, "SELECT coalesce(sum(count), 0) FROM unanswered");
  REQUIRE(desk.carrier.text(kAda, "hello").has_value());
  CHECK(eventually([&] {
    store::Query query = refused.bind();
    return query.next() && query.integer(0) == 1;
  }));
  fresh.limits.unlinked_per_hour = 3;
  CHECK(desk.daemon->apply(fresh));
  REQUIRE(desk.carrier.text(kAda, "hello again").has_value());
  const auto inbox = desk.carrier.wait_for(kAda, 1, seconds(30));
  REQUIRE(inbox.size() == 1);
  CHECK(inbox[0].text.find("2 min") != std::string::npos);
}
