// Sender with the simulated modem: the intent stands in the store before the network hears of a reply, and a
// send of which nobody knows the end is repeated once and no more.
#include "transport/sender.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>

#include "sim/modem/sim_modem.h"
#include "tests/modem/modem_helpers.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using sim::Intervention;
using store::ReplyState;
using transport::Sender;

namespace {

const std::string kAda = "+15550123";

// A reply that is due, the modem to send it with, and the one who sends.
struct Desk {
  test::TempStore store;
  sim::SimModem sim;
  std::unique_ptr<modem::SerialModem> modem = test::open_modem(test::options_for(sim.device()));
  Sender sender{"main", *store};
  UtcTime now = utc_now();

  std::int64_t owe(const std::string& text) {
    return store->outbox.add({kAda, text, "main", std::nullopt}, now);
  }
  // Nothing of what the network is given is ever answered.
  void lose_every_answer() {
    sim.after_command([](std::string_view line) {
      if (line.starts_with("PDU ")) return Intervention{Intervention::Kind::silence, {}};
      return Intervention{};
    });
  }
};

// "sending 1": the reply's state and attempts as another process sees them, so what is committed.
std::string committed(const std::string& database) {
  store::Database db(database);
  store::Statement outbox(db, "SELECT state || ' ' || attempts FROM outbox");
  store::Query query = outbox.bind();
  return query.next() ? query.text(0) : "nothing";
}

}  // namespace

TEST_CASE("sender: the intent is committed before AT+CMGS, the end after it") {
  std::mutex mutex;
  std::string at_command;
  Desk desk;
  desk.sim.before_command([&](std::string_view line) {
    if (line.starts_with("AT+CMGS")) {
      const std::lock_guard lock(mutex);
      at_command = committed(desk.store.database());
    }
    return Intervention{};
  });
  static_cast<void>(desk.owe("Posted: hello"));
  CHECK(committed(desk.store.database()) == "queued 0");
  const auto more = desk.sender.send_one(*desk.modem, desk.now);
  REQUIRE(more);
  CHECK(*more);
  const std::lock_guard lock(mutex);
  CHECK(at_command == "sending 1");
  CHECK(committed(desk.store.database()) == "sent 1");
  CHECK(desk.sim.sent().size() == 1);
}

TEST_CASE("sender: a send without an answer is repeated once and no more") {
  Desk desk;
  desk.lose_every_answer();
  static_cast<void>(desk.owe("Posted: hello"));
  for (std::size_t attempt = 1; attempt <= 4; ++attempt) {
    CAPTURE(attempt);
    desk.now += std::chrono::hours(24);
    REQUIRE(desk.sender.send_one(*desk.modem, desk.now));
    CHECK(desk.sim.sent().size() == std::min<std::size_t>(attempt, 2));
  }
  CHECK(desk.store->outbox.count(ReplyState::failed) == 1);
  CHECK_FALSE(desk.sender.next_due().has_value());
}

TEST_CASE("sender: a send that a crash cut off is repeated once and no more") {
  Desk desk;
  const auto id = desk.owe("Posted: hello");
  desk.store->outbox.begin_sending(id);  // and the power went
  SUBCASE("once: sent again") {
    Sender restarted("main", *desk.store);
    CHECK(*restarted.send_one(*desk.modem, desk.now));
    CHECK(desk.sim.sent().size() == 1);
    CHECK(desk.store->outbox.count(ReplyState::sent) == 1);
  }
  SUBCASE("twice: given up") {
    desk.store->outbox.begin_sending(id);
    Sender restarted("main", *desk.store);
    CHECK(*restarted.send_one(*desk.modem, desk.now));
    CHECK(desk.sim.sent().empty());
    CHECK(desk.store->outbox.count(ReplyState::failed) == 1);
    CHECK_FALSE(*restarted.send_one(*desk.modem, desk.now));
  }
}
