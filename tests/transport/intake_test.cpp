// Intake: what is taken once, what waits, what goes to quarantine.
#include "transport/intake.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "modem/sms/segmenter.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using store::MessageState;
using store::PartState;
using transport::Intake;

namespace {

struct Desk {
  test::TempStore store;
  transport::IntakeSettings settings{"+15550100", "", "It could not be read."};
  Intake intake{"main", settings, *store};
};

// The DELIVERs of a text, one a slot from `first_slot` on.
std::vector<modem::StoredMessage> stored(const std::string& text, int first_slot, std::uint8_t reference = 1,
                                         int sent_second = 0) {
  const auto submits = modem::segment(text, *modem::Address::from_number("+15550123"), {reference, false});
  REQUIRE(submits.has_value());
  std::vector<modem::StoredMessage> messages;
  for (const modem::Submit& submit : *submits) {
    modem::Deliver deliver;
    deliver.sender = submit.recipient;
    deliver.timestamp.utc = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + seconds(sent_second);
    deliver.user_data = submit.user_data;
    messages.push_back({{"SM", first_slot++}, *modem::encode_pdu({"", deliver})});
  }
  return messages;
}

}  // namespace

TEST_CASE("intake: a slot that is read again is the same text, the same words later are another") {
  Desk desk;
  const auto hello = stored("hello", 1);
  CHECK(desk.intake.take(hello, utc_now()).messages == 1);
  CHECK(desk.intake.take(hello, utc_now()).messages == 0);
  desk.intake.freed({"SM", 1});
  CHECK(desk.intake.take(stored("hello", 1, 1, 60), utc_now()).messages == 1);
  desk.intake.freed({"SM", 1});
  CHECK(desk.intake.take(stored("hello", 2), utc_now()).messages == 1);  // another slot, another epoch
  CHECK(desk.store->inbox.count(MessageState::received) == 3);
}

TEST_CASE("intake: a restart between commit and freeing does not double, one after freeing does not lose") {
  Desk desk;
  const auto hello = stored("hello", 1);
  CHECK(desk.intake.take(hello, utc_now()).messages == 1);
  Intake restarted{"main", desk.settings, *desk.store};
  restarted.reconcile(hello);  // the slot is still occupied
  CHECK(restarted.take(hello, utc_now()).messages == 0);
  Intake again{"main", desk.settings, *desk.store};
  again.reconcile({});  // now it is free, although the mark was never committed
  CHECK(again.take(hello, utc_now()).messages == 1);
}

TEST_CASE("intake: parts wait in any order, over restarts, and doubled ones do not stay behind") {
  Desk desk;
  std::string text;
  while (text.size() < 500) text += "All the words of a long text. ";
  auto parts = stored(text, 1, 9);
  REQUIRE(parts.size() == 4);
  for (const std::size_t i : {3U, 1U, 3U, 0U}) {
    modem::StoredMessage part = parts[i];
    part.slot.index = 10 + static_cast<int>(i);
    CHECK(desk.intake.take(std::vector{part}, utc_now()).messages == 0);
    desk.intake.freed(part.slot);
  }
  Intake restarted{"main", desk.settings, *desk.store};
  CHECK(restarted.take(std::vector{parts[2]}, utc_now()).messages == 1);
  CHECK(desk.store->inbox.find(1)->text == text);
  CHECK(desk.store->parts.count(PartState::waiting) == 0);
  modem::StoredMessage late = parts[0];
  late.slot.index = 20;
  CHECK(restarted.take(std::vector{late}, utc_now()).messages == 0);
  CHECK(desk.store->parts.count(PartState::duplicate) == 2);
}

TEST_CASE(
    "inbox: what cannot be decoded is quarantined whole, with the reason, and the sender hears if possible") {
  Desk desk;
  const modem::StoredMessage broken{{"SM", 3}, {0x00, 0x04, 0x0B, 0x91}};
  CHECK(desk.intake.take(std::vector{broken}, utc_now()).messages == 0);
  CHECK(desk.store->parts.count(PartState::quarantined) == 1);
  CHECK(desk.store->parts.pdu(1) == broken.pdu);

  modem::Deliver lone_surrogate;
  lone_surrogate.sender = *modem::Address::from_number("+15550123");
  lone_surrogate.user_data.dcs = 0x08;
  lone_surrogate.user_data.data = {0xD8, 0x3D};
  const modem::StoredMessage unreadable{{"SM", 4}, *modem::encode_pdu({"", lone_surrogate})};
  const auto taken = desk.intake.take(std::vector{unreadable}, utc_now());
  CHECK(taken.replies == 1);
  CHECK(desk.store->parts.count(PartState::quarantined) == 2);
  REQUIRE(desk.store->outbox.due("main", utc_now()).has_value());
  CHECK(desk.store->outbox.due("main", utc_now())->text.find("could not be read") != std::string::npos);
}

TEST_CASE("intake: a backlog is taken in the order in which it was sent, whatever slots it lies in") {
  Desk desk;
  std::vector<modem::StoredMessage> backlog;
  for (const int second : {40, 10, 50, 20, 30}) {
    const int slot = static_cast<int>(backlog.size()) + 1;
    backlog.push_back(stored("second " + std::to_string(second), slot, 1, second).front());
  }
  backlog.push_back(stored("of the same second, first", 6, 1, 30).front());
  backlog.push_back(stored("of the same second, second", 7, 1, 30).front());
  CHECK(desk.intake.take(backlog, utc_now()).messages == 7);
  const char* in_order[] = {
      "second 10", "second 20", "second 30", "of the same second, first", "of the same second, second",
      "second 40", "second 50"};
  std::int64_t id = 0;
  for (const char* text : in_order) CHECK(desk.store->inbox.find(++id)->text == text);
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
    const UtcTime now = utc_now();
    const auto id = desk.store->outbox.add({"+15550123", "Posted: hello", "main", std::nullopt}, now);
    desk.store->outbox.begin_sending(id);
    desk.store->outbox.part_sent(id, 1, 200, now);
    desk.store->outbox.sent(id, now);
    modem::StatusReport report;
    report.reference = 200;
    report.recipient = *modem::Address::from_number("+15550123");
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
  wap.sender = *modem::Address::from_number("+15550123");
  wap.user_data.dcs = 0x04;
  wap.user_data.header.emplace();
  wap.user_data.header->ports = modem::Ports{2948, 9200};
  wap.user_data.data = {1, 2, 3};
  modem::Deliver silent;
  silent.sender = wap.sender;
  silent.pid = 0x40;
  const std::vector<modem::StoredMessage> both{{{"SM", 1}, *modem::encode_pdu({"", wap})},
                                               {{"SM", 2}, *modem::encode_pdu({"", silent})}};
  CHECK(desk.intake.take(both, utc_now()).messages == 0);
  CHECK(desk.store->parts.count(PartState::ignored) == 2);
}
