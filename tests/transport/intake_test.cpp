// Intake: what is taken once, what waits, what goes to quarantine.
#include "transport/intake.h"

#include <doctest/doctest.h>

#include "tests/base/logged.h"
#include "tests/store/full_disk.h"
#include "tests/transport/intake_desk.h"

using namespace pigeon;
using store::PartState;
using test::Arrival;
using test::kToday;
using test::stored;
using Desk = test::IntakeDesk;

namespace {

std::int64_t joined_parts(const std::string& database) {
  store::Database db(database);
  store::Statement count(db, "SELECT count(*) FROM parts WHERE state = 'joined'");
  auto query = count.bind();
  return query.next() ? query.integer(0) : -1;
}

}  // namespace

TEST_CASE("intake: a text is known by itself, whatever slot it lies in") {
  Desk desk;
  CHECK(desk.take(stored("hello", 1)) == 1);
  CHECK(desk.take(stored("hello", 1)) == 0);
  CHECK(desk.take(stored("hello", 2)) == 0);
  auto elsewhere = stored("hello", 1);
  elsewhere[0].slot.storage = "ME";
  CHECK(desk.take(elsewhere) == 0);
  desk.restart();
  CHECK(desk.take(stored("hello", 3), Arrival::found_at_start) == 0);
  transport::Intake other_modem{"other", desk.settings, *desk.store};
  CHECK(other_modem.take(stored("hello", 1), desk.now, Arrival::announced).messages == 0);
  desk.now += std::chrono::days(1);
  CHECK(desk.take(stored("hello", 1)) == 0);
  CHECK(desk.received() == 1);
  CHECK(desk.owed() == 0);
}

TEST_CASE("intake: the copies in one listing are told from the text") {
  Desk desk;
  auto both = stored("hello", 4);
  both.push_back(stored("hello", 9)[0]);
  const auto taken = desk.intake.take(both, desk.now, Arrival::listed);
  CHECK(taken.messages == 1);
  CHECK(taken.copies == std::vector{modem::Slot{"SM", 9}});
  CHECK(joined_parts(desk.store.database()) == 1);
}

TEST_CASE("intake: the same words a second later are a new text") {
  Desk desk;
  CHECK(desk.take(stored("hello", 1)) == 1);
  CHECK(desk.take(stored("hello", 1, kToday + seconds(1))) == 1);
  CHECK(desk.take(stored("hello", 2, kToday + seconds(2))) == 1);
  CHECK(desk.received() == 3);
}

TEST_CASE(
    "intake: a time that identifies nothing does so for ten minutes, or until the slot was seen empty") {
  struct Row {
    const char* name;
    std::chrono::sys_seconds sent_at;
  };
  const Row rows[] = {{"no date", {}},
                      {"three days fast", kToday + std::chrono::days(3)},
                      {"two days and a second slow", kToday - std::chrono::days(2) - seconds(1)}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Desk desk;
    CHECK(desk.take(stored("hello", 1, row.sent_at)) == 1);
    desk.now += std::chrono::minutes(10) - seconds(1);
    CHECK(desk.take(stored("hello", 2, row.sent_at)) == 0);
    desk.now += seconds(1);
    CHECK(desk.take(stored("hello", 1, row.sent_at)) == 0);  // nobody saw it leave
    CHECK(desk.take(stored("hello", 2, row.sent_at)) == 0);
    CHECK(desk.take(stored("hello", 3, row.sent_at)) == 1);  // the person's next text with these words
    desk.now += std::chrono::minutes(11);
    CHECK(desk.take({}, Arrival::listed) == 0);
    CHECK(desk.take(stored("hello", 3, row.sent_at)) == 1);
  }
}

TEST_CASE("intake: a believable time identifies for thirty days") {
  Desk desk;
  desk.settings.oldest = std::chrono::hours(24 * 365);
  CHECK(desk.take(stored("hello", 1, kToday - std::chrono::days(2))) == 1);
  CHECK(desk.take({}, Arrival::listed) == 0);
  desk.now += std::chrono::days(30) - seconds(1);
  CHECK(desk.take({}, Arrival::listed) == 0);
  CHECK(desk.take(stored("hello", 2, kToday - std::chrono::days(2))) == 0);
}

TEST_CASE("intake: parts wait in any order, over restarts, and doubled ones do not stay behind") {
  Desk desk;
  std::string text;
  while (text.size() < 500) text += "All the words of a long text. ";
  auto parts = stored(text, 1, kToday, 9);
  REQUIRE(parts.size() == 4);
  for (const std::size_t i : {3U, 1U, 3U, 0U}) {
    modem::StoredMessage part = parts[i];
    part.slot.index = 10 + static_cast<int>(i);
    CHECK(desk.take({part}) == 0);
  }
  desk.restart();
  CHECK(desk.take({parts[2]}) == 1);
  CHECK(desk.text(1) == text);
  CHECK(desk.store->parts.count(PartState::waiting) == 0);
  modem::StoredMessage late = parts[0];
  late.slot.index = 20;
  CHECK(desk.take({late}) == 0);
  CHECK(desk.store->parts.count(PartState::waiting) == 0);
  CHECK(joined_parts(desk.store.database()) == 4);
}

TEST_CASE("intake: what cannot be decoded or read is kept whole, and its sender hears of it once") {
  Desk desk;
  const modem::StoredMessage broken{{"SM", 3}, {0x00, 0x04, 0x0B, 0x91}};
  CHECK(desk.take({broken}) == 0);
  CHECK(desk.store->parts.count(PartState::quarantined) == 1);
  CHECK(desk.store->parts.pdu(1) == broken.pdu);
  CHECK(desk.owed() == 0);

  modem::Deliver half_a_unit;
  half_a_unit.sender = *modem::Address::from_number(test::kAda);
  half_a_unit.user_data.dcs = 0x08;
  half_a_unit.user_data.data = {0x41};
  const auto pdu = *modem::encode_pdu({"", half_a_unit});
  const auto taken =
      desk.intake.take(std::vector{modem::StoredMessage{{"SM", 4}, pdu}}, desk.now, Arrival::announced);
  CHECK(taken.replies == 1);
  CHECK(desk.store->parts.count(PartState::quarantined) == 2);
  REQUIRE(desk.store->outbox.due("main", desk.now).has_value());
  CHECK(desk.store->outbox.due("main", desk.now)->text == "It could not be read.");
  CHECK(desk.take({broken, {{"SM", 5}, pdu}}, Arrival::listed) == 0);
  CHECK(desk.owed() == 1);
  CHECK(desk.store->parts.count(PartState::quarantined) == 2);
}

TEST_CASE("intake: a backlog is taken in the order in which it was sent, whatever slots it lies in") {
  Desk desk;
  std::vector<modem::StoredMessage> backlog;
  for (const int second : {40, 10, 50, 20, 30}) {
    const int slot = static_cast<int>(backlog.size()) + 1;
    backlog.push_back(stored("second " + std::to_string(second), slot, kToday + seconds(second)).front());
  }
  backlog.push_back(stored("of the same second, first", 6, kToday + seconds(30)).front());
  backlog.push_back(stored("of the same second, second", 7, kToday + seconds(30)).front());
  CHECK(desk.take(backlog, Arrival::listed) == 7);
  const char* in_order[] = {
      "second 10", "second 20", "second 30", "of the same second, first", "of the same second, second",
      "second 40", "second 50"};
  std::int64_t id = 0;
  for (const char* text : in_order) CHECK(desk.text(++id) == text);
}

TEST_CASE("intake: what was announced is taken in the order in which it was announced") {
  Desk desk;
  std::vector<modem::StoredMessage> announced;
  for (const int second : {40, 10, 50}) {
    announced.push_back(stored("second " + std::to_string(second), 1, kToday + seconds(second)).front());
  }
  CHECK(desk.take(announced) == 3);
  std::int64_t id = 0;
  for (const char* text : {"second 40", "second 10", "second 50"}) CHECK(desk.text(++id) == text);
}

TEST_CASE("intake: a status report closes a reply only when the network has ceased to try") {
  struct Row {
    const char* name;
    std::uint8_t status;  // TP-ST, TS 23.040 §9.2.3.15
    store::ReplyState expected;
  };
  const Row rows[] = {
      {"received by the phone", 0x00, store::ReplyState::delivered},
      {"replaced by the service centre", 0x02, store::ReplyState::delivered},
      {"congestion, still trying", 0x20, store::ReplyState::sent},
      {"reserved, still trying", 0x2F, store::ReplyState::sent},
      {"of the service centre's own, still trying", 0x30, store::ReplyState::sent},
      {"the last of these", 0x3F, store::ReplyState::sent},
      {"remote procedure error, for good", 0x40, store::ReplyState::undelivered},
      {"congestion, given up", 0x60, store::ReplyState::undelivered},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Desk desk;
    const auto id = desk.store->outbox.add(in_one(*desk.store),
                                           {test::kAda, "Posted: hello", "main", std::nullopt}, desk.now);
    desk.store->outbox.begin_sending(in_one(*desk.store), id);
    desk.store->outbox.part_sent(in_one(*desk.store), id, 1, 200);
    desk.store->outbox.sent(in_one(*desk.store), id, desk.now);
    modem::StatusReport report;
    report.reference = 200;
    report.recipient = *modem::Address::from_number(test::kAda);
    report.status = row.status;
    desk.intake.take_status_report(report);
    CHECK(desk.store->outbox.count(row.expected) == 1);
    if (row.expected != store::ReplyState::sent) continue;
    report.status = 0x00;  // what comes of it in the end still counts
    desk.intake.take_status_report(report);
    CHECK(desk.store->outbox.count(store::ReplyState::delivered) == 1);
  }
}

TEST_CASE("intake: machines' messages are kept and ignored") {
  Desk desk;
  modem::Deliver wap;
  wap.sender = *modem::Address::from_number(test::kAda);
  wap.user_data.dcs = 0x04;
  wap.user_data.header.emplace();
  wap.user_data.header->ports = modem::Ports{2948, 9200};
  wap.user_data.data = {1, 2, 3};
  modem::Deliver silent;
  silent.sender = wap.sender;
  silent.pid = 0x40;
  CHECK(desk.take({{{"SM", 1}, *modem::encode_pdu({"", wap})},
                   {{"SM", 2}, *modem::encode_pdu({"", silent})}}) == 0);
  CHECK(desk.store->parts.count(PartState::ignored) == 2);
  CHECK(desk.owed() == 0);
}

TEST_CASE("intake: what is said of a text is said when it is committed, and not at all when it is not") {
  test::FullDisk disk;
  Desk desk;
  const auto take = [&desk] {
    return test::logged([&desk] {
      try {
        desk.take(stored("hello", 1));
      } catch (const store::StorageError&) {
        log::info("test", "refused");
      }
    });
  };
  disk.fill();
  CHECK(take() == "test: refused\n");
  disk.make_room();
  CHECK(take().find("intake/main: message 1 from ") == 0);
}
