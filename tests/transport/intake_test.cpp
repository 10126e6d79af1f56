// Intake: what is taken once, what waits, what goes to quarantine.
#include "relay/inbox.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "modem/segmenter.h"
#include "tests/temp_store.h"

using namespace pigeon;
using relay::Inbox;
using store::MessageState;
using store::PartState;

namespace {

struct Desk {
  Desk() { options.gateway_number = "+15550100"; }
  test::TempStore store;
  relay::RelayOptions options;
  Inbox inbox{"main", options, *store};
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

TEST_CASE("inbox: a slot that is read again is the same text, the same words later are another") {
  Desk desk;
  const auto hello = stored("hello", 1);
  CHECK(desk.inbox.take(hello, utc_now()).messages == 1);
  CHECK(desk.inbox.take(hello, utc_now()).messages == 0);
  desk.inbox.freed({"SM", 1});
  CHECK(desk.inbox.take(stored("hello", 1, 1, 60), utc_now()).messages == 1);
  desk.inbox.freed({"SM", 1});
  CHECK(desk.inbox.take(stored("hello", 2), utc_now()).messages == 1);  // another slot, another epoch
  CHECK(desk.store->inbox.count(MessageState::received) == 3);
}

TEST_CASE("inbox: a restart between commit and freeing does not double, one after freeing does not lose") {
  Desk desk;
  const auto hello = stored("hello", 1);
  CHECK(desk.inbox.take(hello, utc_now()).messages == 1);
  Inbox restarted{"main", desk.options, *desk.store};
  restarted.reconcile(hello);  // the slot is still occupied
  CHECK(restarted.take(hello, utc_now()).messages == 0);
  Inbox again{"main", desk.options, *desk.store};
  again.reconcile({});  // now it is free, although the mark was never committed
  CHECK(again.take(hello, utc_now()).messages == 1);
}

TEST_CASE("inbox: parts wait in any order, over restarts, and doubled ones do not stay behind") {
  Desk desk;
  std::string text;
  while (text.size() < 500) text += "All the words of a long text. ";
  auto parts = stored(text, 1, 9);
  REQUIRE(parts.size() == 4);
  for (const std::size_t i : {3U, 1U, 3U, 0U}) {
    modem::StoredMessage part = parts[i];
    part.slot.index = 10 + static_cast<int>(i);
    CHECK(desk.inbox.take(std::vector{part}, utc_now()).messages == 0);
    desk.inbox.freed(part.slot);
  }
  Inbox restarted{"main", desk.options, *desk.store};
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
  CHECK(desk.inbox.take(std::vector{broken}, utc_now()).messages == 0);
  CHECK(desk.store->parts.count(PartState::quarantined) == 1);
  CHECK(desk.store->parts.pdu(1) == broken.pdu);

  modem::Deliver lone_surrogate;
  lone_surrogate.sender = *modem::Address::from_number("+15550123");
  lone_surrogate.user_data.dcs = 0x08;
  lone_surrogate.user_data.data = {0xD8, 0x3D};
  const modem::StoredMessage unreadable{{"SM", 4}, *modem::encode_pdu({"", lone_surrogate})};
  const auto taken = desk.inbox.take(std::vector{unreadable}, utc_now());
  CHECK(taken.replies == 1);
  CHECK(desk.store->parts.count(PartState::quarantined) == 2);
  REQUIRE(desk.store->outbox.due("main", utc_now()).has_value());
  CHECK(desk.store->outbox.due("main", utc_now())->text.find("could not be read") != std::string::npos);
}

TEST_CASE("inbox: machines' messages are kept and ignored") {
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
  CHECK(desk.inbox.take(both, utc_now()).messages == 0);
  CHECK(desk.store->parts.count(PartState::ignored) == 2);
}
