// Status reports at the transport: whose reply they are about, in what form they come, and that a modem that
// wants them acknowledged hears so only when they are on the disk.
#include <doctest/doctest.h>

#include <atomic>

#include "tests/store/sync_watch.h"
#include "tests/transport/intake_desk.h"
#include "tests/transport/modem_desk.h"

using namespace pigeon;
using store::PartState;
using store::ReplyState;
using test::kAda;

namespace {

modem::Pdu report_about(int reference) {
  modem::StatusReport report;
  report.reference = static_cast<std::uint8_t>(reference);
  report.recipient = *modem::Address::from_number(kAda);
  report.timestamp.utc = report.discharge.utc = test::kToday;
  return {"+12025550199", report};
}

// A reply of one part that `modem` has sent.
void send(store::Store& store, const std::string& modem, int reference) {
  const auto id = store.outbox.add(in_one(store), {kAda, "Posted: hello", modem, std::nullopt}, test::kToday);
  store.outbox.begin_sending(in_one(store), id);
  store.outbox.part_sent(in_one(store), id, 1, reference);
  store.outbox.sent(in_one(store), id, test::kToday);
}

// A modem that wants +CNMA, with its thread running.
struct Phase2Desk : test::ModemDesk {
  Phase2Desk() {
    REQUIRE(test::open_modem(test::options_for(sim.device()))->ask_raw("AT+CSMS=1", seconds(5)));
    send(*store, "test", 17);
  }
};

}  // namespace

TEST_CASE("reports: one about another modem's reference is about no reply of this one") {
  test::IntakeDesk desk;
  send(*desk.store, "spare", 17);
  const auto report = std::get<modem::StatusReport>(report_about(17).tpdu);
  desk.intake.take_status_report(report);
  CHECK(desk.store->outbox.count(ReplyState::delivered) == 0);
  transport::Intake spare{"spare", desk.settings, *desk.store};
  spare.take_status_report(report);
  CHECK(desk.store->outbox.count(ReplyState::delivered) == 1);
}

TEST_CASE("reports: of two modems with one reference each gets its own") {
  test::IntakeDesk desk;
  send(*desk.store, "main", 17);
  send(*desk.store, "spare", 17);
  const auto report = std::get<modem::StatusReport>(report_about(17).tpdu);
  desk.intake.take_status_report(report);
  desk.intake.take_status_report(report);  // the network's repetition
  CHECK(desk.store->outbox.count(ReplyState::delivered) == 1);
}

TEST_CASE("reports: one that comes twice settles no other reply") {
  test::IntakeDesk desk;
  store::Store& store = *desk.store;
  send(store, "main", 17);
  const auto id = store.outbox.add(in_one(store), {kAda, "a link", "main", std::nullopt}, test::kToday);
  store.outbox.begin_sending(in_one(store), id);
  store.outbox.part_unclear(in_one(store), id, 1, "cut off", store.time.now());
  store.outbox.sent(in_one(store), id, store.time.now());
  const auto report = std::get<modem::StatusReport>(report_about(17).tpdu);
  for (int times = 0; times < 2; ++times) desk.intake.take_status_report(report);
  CHECK(store.outbox.count(ReplyState::delivered) == 1);
  CHECK(store.outbox.count(ReplyState::unclear) == 1);
}

TEST_CASE("reports: what is stored in SR is read with the service centre's address and without") {
  const auto report = report_about(17);
  const modem::Octets bare = *modem::encode_tpdu(report.tpdu);
  for (const modem::Octets& pdu : {*modem::encode_pdu(report), bare}) {
    CAPTURE(pdu.size());
    test::IntakeDesk desk;
    send(*desk.store, "main", 17);
    CHECK(desk.take({{{"SR", 4}, pdu}}) == 0);
    CHECK(desk.store->outbox.count(ReplyState::delivered) == 1);
    CHECK(desk.store->parts.count(PartState::quarantined) == 0);
  }
}

TEST_CASE("reports: one that comes directly is on the disk before it is acknowledged") {
  store::SyncWatch syncs;
  std::atomic<int> acknowledged{0};
  std::atomic<bool> committed{false};
  std::atomic<int> syncs_before{0};
  std::atomic<int> syncs_then{0};
  Phase2Desk desk;
  desk.on_command([&](std::string_view line) {
    if (line.starts_with("AT+CNMA")) {
      committed = desk.store->outbox.count(ReplyState::delivered) == 1;
      syncs_then = syncs.count(store::SyncWatch::File::log);
      ++acknowledged;
    }
    return sim::Intervention{};
  });
  desk.transport->start();
  REQUIRE(desk.is_up());
  syncs_before = syncs.count(store::SyncWatch::File::log);
  desk.sim.deliver(*modem::encode_pdu(report_about(17)));
  REQUIRE(test::eventually([&] { return acknowledged == 1; }));
  CHECK(committed);
  CHECK(syncs_then > syncs_before);
}

TEST_CASE("reports: one that the disk does not take is kept, and acknowledged when it is taken") {
  std::atomic<bool> broken{false};
  std::atomic<bool> too_early{false};
  Phase2Desk desk;
  desk.on_command([&](std::string_view line) {
    if (line.starts_with("AT+CNMA") && broken) too_early = true;
    return sim::Intervention{};
  });
  desk.transport->start();
  REQUIRE(desk.is_up());
  broken = true;
  store::Database(desk.store.database()).execute("ALTER TABLE outbox_parts RENAME TO gone");
  desk.sim.deliver(*modem::encode_pdu(report_about(17)));
  const std::size_t lists = desk.count("AT+CMGL");
  REQUIRE(test::eventually([&] { return desk.count("AT+CMGL") > lists; }));  // it failed, and looks again
  store::Database(desk.store.database()).execute("ALTER TABLE gone RENAME TO outbox_parts");
  broken = false;
  CHECK(test::eventually([&] { return desk.count("AT+CNMA") == 1; }));
  CHECK_FALSE(too_early);
  CHECK(desk.store->outbox.count(ReplyState::delivered) == 1);
}
