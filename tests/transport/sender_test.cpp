// Sender with the simulated modem: the intent stands in the store before the network hears of a reply, what
// went wrong is counted as what it was, and everybody's replies keep their order.
#include "transport/sender.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "tests/store/sync_watch.h"
#include "tests/transport/sender_desk.h"

using namespace pigeon;
using sim::Intervention;
using store::ReplyState;
using test::answered;
using test::SenderDesk;

namespace {

const std::string kAda = "+12025550123";
const std::string kBob = "+12025550124";
const std::string kLong(300, 'a');  // two parts

// "sending 1": the reply's state and attempts as another process sees them, so what is committed.
std::string committed(const std::string& database) {
  store::Database db(database);
  store::Statement outbox(db, "SELECT state || ' ' || attempts FROM outbox");
  store::Query query = outbox.bind();
  return query.next() ? query.text(0) : "nothing";
}

}  // namespace

TEST_CASE("sender: the intent is committed before each AT+CMGS, the end after it") {
  std::mutex mutex;
  std::string at_command;
  SenderDesk desk;
  desk.sim.before_command([&](std::string_view line) {
    if (line.starts_with("AT+CMGS")) {
      const std::lock_guard lock(mutex);
      at_command += committed(desk.store.database()) + ", ";
    }
    return Intervention{};
  });
  desk.owe(kAda, kLong);
  CHECK(committed(desk.store.database()) == "queued 0");
  REQUIRE(desk.turn());
  CHECK(committed(desk.store.database()) == "queued 1");
  REQUIRE(desk.turn());
  const std::lock_guard lock(mutex);
  CHECK(at_command == "sending 1, sending 2, ");
  CHECK(committed(desk.store.database()) == "sent 2");
  CHECK(desk.sim.sent().size() == 2);
}

TEST_CASE("sender: what is owed and the intent to send it are on the disk before AT+CMGS") {
  store::SyncWatch syncs;
  SenderDesk desk;
  std::atomic<int> at_command{0};
  desk.sim.before_command([&](std::string_view line) {
    if (line.starts_with("AT+CMGS")) at_command = syncs.count(store::SyncWatch::File::log);
    return Intervention{};
  });
  desk.owe(kAda, "Posted: hello");
  const int before = syncs.count(store::SyncWatch::File::log);
  REQUIRE(desk.turn());
  CHECK(at_command == before + 1);
  desk.sim.before_command({});
}

TEST_CASE("sender: a send without a result is not repeated, for it may have arrived") {
  SenderDesk desk;
  SUBCASE("silence") {
    desk.sim.after_command([](std::string_view line) {
      return line.starts_with("PDU ") ? Intervention{Intervention::Kind::silence, {}} : Intervention{};
    });
  }
  SUBCASE("unplugged between the PDU and its result") {
    desk.sim.after_command([](std::string_view line) {
      return line.starts_with("PDU ") ? Intervention{Intervention::Kind::hang_up, {}} : Intervention{};
    });
  }
  desk.owe(kAda, "Posted: hello");
  static_cast<void>(desk.turn());
  CHECK(desk.sim.sent().size() == 1);
  CHECK(desk.store->outbox.count(ReplyState::unclear) == 1);
  CHECK_FALSE(desk.sender->next_due().has_value());
  REQUIRE(desk.store->outbox.unclear(1, desk.now).size() == 1);
  CHECK_FALSE(desk.store->outbox.unclear(1, desk.now)[0].error.empty());
}

TEST_CASE("sender: what the modem itself calls wrong is tried again, and given up when it keeps to it") {
  for (const int code : {303, 304, 321}) {
    for (const bool keeps_to_it : {false, true}) {
      CAPTURE(code);
      CAPTURE(keeps_to_it);
      SenderDesk desk;
      desk.on_pdu([&] { return answered("\r\n+CMS ERROR: " + std::to_string(code) + "\r\n"); });
      desk.owe(kAda, "Posted: hello");
      desk.send_all();
      CHECK(desk.store->outbox.count(ReplyState::queued) == 1);
      if (!keeps_to_it) desk.on_pdu([] { return Intervention{}; });
      for (int i = 0; i < 2; ++i) {
        desk.now += seconds(31);
        desk.send_all();
      }
      CHECK(desk.store->outbox.count(keeps_to_it ? ReplyState::failed : ReplyState::sent) == 1);
      CHECK(desk.sim.sent().size() == (keeps_to_it ? 0 : 1));
      desk.on_pdu([] { return Intervention{}; });
    }
  }
}

TEST_CASE("sender: a send that a crash cut off is not repeated, and the next part goes on") {
  SenderDesk desk;
  SUBCASE("one part") {
    const auto id = desk.owe(kAda, "Posted: hello");
    desk.store->outbox.begin_sending(in_one(*desk.store), id);  // and the power went
    desk.restart();
    desk.sender->settle_cut_off(desk.now);  // before the report of it may be read
    CHECK(desk.store->outbox.count(ReplyState::unclear) == 1);
    CHECK_FALSE(*desk.turn());
    CHECK(desk.sim.sent().empty());
  }
  SUBCASE("the first of two") {
    const auto id = desk.owe(kAda, kLong);
    desk.store->outbox.begin_sending(in_one(*desk.store), id);
    desk.restart();
    desk.send_all();
    REQUIRE(desk.sim.sent().size() == 1);
    CHECK(desk.sim.sent()[0].submit.user_data.header->concatenation->number == 2);
  }
  CHECK(desk.store->outbox.count(ReplyState::unclear) == 1);
  CHECK_FALSE(desk.sender->next_due().has_value());
}

TEST_CASE("sender: a reply whose intent the storage did not take is sent when it takes it") {
  store::SyncWatch syncs;
  bool refuses = false;
  syncs.before_sync([&refuses](store::SyncWatch::File) { return refuses ? SQLITE_IOERR_FSYNC : SQLITE_OK; });
  SenderDesk desk;
  desk.owe(kAda, "Posted: hello");
  refuses = true;
  CHECK_THROWS_AS(static_cast<void>(desk.turn()), store::StorageError);
  CHECK(desk.sim.sent().empty());
  refuses = false;
  desk.send_all();
  CHECK(desk.sim.sent().size() == 1);
  CHECK(desk.store->outbox.count(ReplyState::sent) == 1);
}

TEST_CASE("sender: a crash between two parts makes none of them unclear") {
  SenderDesk desk;
  desk.owe(kAda, kLong);
  REQUIRE(desk.turn());
  CHECK(desk.sim.sent().size() == 1);
  desk.restart();
  REQUIRE(desk.turn());
  CHECK(desk.sim.sent().size() == 2);
  CHECK(desk.store->outbox.count(ReplyState::sent) == 1);
}

TEST_CASE("sender: unplugged twenty times, then sent") {
  SenderDesk desk;
  desk.owe(kAda, "Posted: hello");
  for (int time = 1; time <= 20; ++time) {
    CAPTURE(time);
    desk.sim.before_command([](std::string_view line) {
      return line.starts_with("AT+CMGS") ? Intervention{Intervention::Kind::hang_up, {}} : Intervention{};
    });
    desk.now = std::max(desk.now, *desk.sender->next_due());
    const auto more = desk.turn();
    REQUIRE_FALSE(more);
    CHECK(more.error().code == Errc::disconnected);
    desk.modem.reset();
    desk.sim.before_command({});
    desk.sim.plug_in();
    desk.modem = test::open_modem(test::options_for(desk.sim.device()));
    // Whoever replugs once waits for nothing, and nobody for long.
    CHECK(*desk.sender->next_due() - desk.now < (time == 1 ? seconds(5) : seconds(35)));
  }
  desk.now = *desk.sender->next_due();
  REQUIRE(desk.turn());
  CHECK(desk.sim.sent().size() == 1);
  CHECK(desk.store->outbox.count(ReplyState::sent) == 1);
}

TEST_CASE("sender: what is refused for the moment is tried for about a day") {
  SenderDesk desk;
  std::atomic<int> sends = 0;
  desk.on_pdu([&sends] {
    ++sends;
    return answered("\r\n+CMS ERROR: 42\r\n");  // congestion
  });
  desk.owe(kAda, "Posted: hello");
  const UtcTime first = desk.now;
  while (const auto due = desk.sender->next_due()) {
    REQUIRE(sends < 100);
    desk.now = std::max(desk.now, *due);
    REQUIRE(desk.turn());
  }
  CHECK(desk.store->outbox.count(ReplyState::failed) == 1);
  CHECK(desk.now - first > std::chrono::hours(20));
  CHECK(desk.now - first < std::chrono::hours(30));
  CHECK(sends >= 10);
}

TEST_CASE("sender: a refused reply holds the later ones of its person, and everybody else is answered") {
  SenderDesk desk;
  bool refused = false;
  desk.on_pdu([&refused] {
    if (std::exchange(refused, true)) return Intervention{};
    return answered("\r\n+CMS ERROR: 42\r\n");
  });
  const auto first = desk.owe(kAda, "Posted: one");
  desk.owe(kAda, "Posted: two");
  desk.owe(kBob, "Posted: three");
  desk.send_all();
  CHECK(desk.recipients() == std::vector{kBob});
  CHECK(*desk.sender->next_due() > desk.now);  // there is nothing to do until then
  desk.now = *desk.sender->next_due();
  CHECK(desk.store->outbox.due("main", desk.now)->id == first);
  desk.send_all();
  CHECK(desk.recipients() == std::vector{kBob, kAda, kAda});
  const auto sent = desk.sim.sent();
  CHECK(sent[1].submit.user_data.data != sent[2].submit.user_data.data);
  CHECK(desk.store->outbox.count(ReplyState::sent) == 3);
}

TEST_CASE("sender: a reply that is given up is a condition until the next one is sent, also by another run") {
  SenderDesk desk;
  const auto conditions = [&desk] { return desk.store->conditions.list(); };
  desk.on_pdu([] { return answered("\r\n+CMS ERROR: 1\r\n"); });  // unassigned number
  desk.owe(kAda, "nobody");
  desk.send_all();
  REQUIRE(desk.store->outbox.count(ReplyState::failed) == 1);
  REQUIRE(conditions().size() == 1);
  CHECK(conditions()[0].code == store::ConditionCode::replies_failed);
  CHECK(conditions()[0].subject == "main");
  desk.restart();
  desk.store->conditions.clear(in_one(*desk.store));  // as a start does
  CHECK(conditions().size() == 1);
  desk.sim.before_command({});
  desk.owe(kBob, "somebody");
  desk.send_all();
  CHECK(conditions().empty());
}
