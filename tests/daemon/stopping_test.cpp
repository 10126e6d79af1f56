// How long a stop takes: as long as the threads need, the usual time at most, and longer for tokens alone.
#include "daemon/stopping.h"

#include <doctest/doctest.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "sim/modem/sim_modem.h"
#include "sim/network/carrier.h"
#include "sim/x/x_sandbox.h"
#include "tests/eventually.h"
#include "tests/store/in_one.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using daemon::Stopped;
using daemon::StopTiming;
using daemon::wait_for_end;
using test::eventually;

namespace {

const std::string kAda = "+12025550123";
constexpr StopTiming kShort{.usual = milliseconds(60), .most = seconds(1), .look = milliseconds(2)};

// What one wait came to, and how long it took.
struct Wait {
  Stopped stopped;
  milliseconds took;
};

// `ended`: after so many looks at the tokens; `tokens`: awaited for so many looks. Negative: for ever.
Wait wait(int ended, int tokens) {
  std::promise<void> promise;
  const std::shared_future<void> future = promise.get_future();
  int looks = 0;
  const auto awaits_tokens = [&] {
    ++looks;
    if (looks == ended) promise.set_value();
    return tokens < 0 || looks <= tokens;
  };
  if (ended == 0) promise.set_value();
  const SteadyTime begun = steady_now();
  const Stopped stopped = wait_for_end(future, awaits_tokens, kShort);
  return {stopped, std::chrono::duration_cast<milliseconds>(steady_now() - begun)};
}

constexpr const char* kPair =
    R"({"token_type":"bearer","expires_in":7200,"access_token":"a2","refresh_token":"r2"})";

// The daemon between the simulated modem and the sandbox of X, where one kind of request is held until it is
// released, and somebody whose text leads to that request.
struct Desk {
  test::TempFolder folder;
  sim::XSandbox x;
  sim::SimModem modem;
  sim::Carrier carrier{modem};
  Config config;
  std::atomic<bool> reached = false;
  std::atomic<bool> released = false;
  std::unique_ptr<daemon::Daemon> daemon;

  // `life`: what is left of the person's access token, as we believe.
  Desk(const std::string& held, seconds life) {
    config.gateway = {.number = "+12025550100", .public_url = "http://127.0.0.1:1", .country = "US"};
    config.modems = {{.name = "main", .url = "pty:" + modem.device(), .pin_file = {}, .smsc = {}}};
    config.x.client_id = "sandbox-client";
    config.x.authorize_url = x.url() + "/i/oauth2/authorize";
    config.x.api_url = x.url();
    config.store.path = folder.file("pigeon.db");
    config.store.key_file = folder.file("key");
    config.web.listen = "127.0.0.1:0";
    if (auto store = store::Store::open(config.store.path, config.store.key_file)) {
      const UtcTime now = utc_now();
      (*store)->accounts.add_credentials(in_one(**store), *PhoneNumber::parse(kAda),
                                         {"access", "refresh", now + life, "", "42", "ada"}, now);
    }
    x.before_request([this, held](const std::string& request) {
      if (!request.starts_with(held)) return;
      reached = true;
      static_cast<void>(eventually([this] { return released.load(); }));
    });
    auto created = daemon::Daemon::create(config);
    if (!created) throw std::runtime_error(created.error().message);
    daemon = std::move(*created);
  }
  void reach() {
    daemon->start();
    REQUIRE(carrier.text(kAda, "stopped in the middle").has_value());
    REQUIRE(eventually([this] { return reached.load(); }));
  }
};

}  // namespace

TEST_CASE("stopping: in order as soon as every thread has ended") {
  CHECK(wait(0, 0).stopped == Stopped::in_order);
  CHECK(wait(3, 0).stopped == Stopped::in_order);
}

TEST_CASE("stopping: a thread in the middle of a step is left behind after the usual time") {
  const Wait left = wait(-1, 0);
  CHECK(left.stopped == Stopped::in_a_step);
  CHECK(left.took >= kShort.usual);
  CHECK(left.took < kShort.most);
}

TEST_CASE("stopping: tokens that are still to come or to be committed are waited for, and then no longer") {
  const int beyond_usual =
      static_cast<int>(kShort.usual / kShort.look) + 10;  // a look takes its time at least
  const Wait with_thread = wait(-1, beyond_usual);
  CHECK(with_thread.stopped == Stopped::in_a_step);
  CHECK(with_thread.took > kShort.usual);
  const Wait without = wait(0, beyond_usual);
  CHECK(without.stopped == Stopped::in_order);
  CHECK(without.took > kShort.usual);
}

TEST_CASE("stopping: not for ever") {
  for (const int ended : {0, -1}) {
    const Wait lost = wait(ended, -1);
    CHECK(lost.stopped == Stopped::tokens_lost);
    CHECK(lost.took >= kShort.most);
  }
}

TEST_CASE("stopping: the service manager waits longer than the longest stop") {
  std::ifstream unit(PIGEON_TEST_DATA "/../../systemd/carrier-pigeon.service");
  const std::string key = "TimeoutStopSec=";
  std::string line;
  while (std::getline(unit, line) && line.compare(0, key.size(), key) != 0) {
  }
  REQUIRE(line.size() > key.size());
  const StopTiming timing;
  CHECK(timing.usual < seconds(5));
  CHECK(timing.most > seconds(30) + seconds(2));  // a request to X, and one commit that had to wait
  CHECK(seconds(std::stoi(line.substr(key.size()))) >= timing.most + seconds(3));
}

TEST_CASE("stopping: the daemon awaits the answer to a refresh that is away, and keeps it") {
  Desk desk("POST /2/oauth2/token", seconds(0));
  desk.x.inject({.match = "POST /2/oauth2/token", .status = 200, .body = kPair});
  desk.reach();
  desk.daemon->request_stop();
  CHECK(desk.daemon->awaits_tokens());
  desk.released = true;
  CHECK(eventually([&] { return !desk.daemon->awaits_tokens(); }));
  store::Database db(desk.config.store.path);
  store::Statement read(db, "SELECT refresh_in_flight, access_expires_at FROM accounts");
  {
    store::Query query = read.bind();
    REQUIRE(query.next());
    CHECK(query.integer(0) == 0);
    CHECK(query.time(1) > utc_now());
  }
  desk.daemon->join();
}

TEST_CASE("stopping: from then on the daemon spends no refresh token") {
  Desk desk("POST /2/tweets", seconds(7200));
  desk.reach();
  desk.daemon->request_stop();
  CHECK_FALSE(desk.daemon->awaits_tokens());
  desk.released = true;  // X does not know the token
  desk.daemon->join();
  const auto requests = desk.x.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0] == "POST /2/tweets 401");
}
