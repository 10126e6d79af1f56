// Long texts whose rest never comes: when they are given up, and what their sender hears.
#include "relay/orphans.h"

#include <doctest/doctest.h>

#include "modem/sms/segmenter.h"
#include "relay/replies.h"
#include "tests/relay/relay_desk.h"

using namespace pigeon;
using namespace std::chrono_literals;
using store::PartReason;
using store::PartState;

namespace {

constexpr const char* kAda = "+12025550123";
constexpr const char* kBob = "+12025550124";
constexpr std::chrono::sys_seconds kToday = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 12h;

struct Desk : test::RelayDesk {
  Desk() {
    clock.set(kToday);
    static_cast<void>(store->time.now());
    wakeups.modems["main"];
    wakeups.modems["spare"];
  }

  // Part `number` of 2 from `sender` arrives now and waits.
  std::int64_t arrives(const std::string& sender, int number, const std::string& modem = "main",
                       std::optional<std::chrono::sys_seconds> sent_at = kToday, std::uint8_t reference = 1,
                       PartReason reason = PartReason::none) {
    modem::Deliver deliver;
    deliver.sender = *modem::Address::from_number(sender);
    if (sent_at) deliver.timestamp.utc = *sent_at;
    deliver.user_data.header.emplace();
    deliver.user_data.header->concatenation =
        modem::Concatenation{reference, false, 2, static_cast<std::uint8_t>(number)};
    deliver.user_data.data = {static_cast<std::uint8_t>('0' + number)};
    store::NewPart part;
    part.slot = {modem, "SM", number};
    part.pdu = *modem::encode_pdu({"", deliver});
    part.sender = sender;
    part.sent_at = sent_at.value_or(std::chrono::sys_seconds{});
    part.received_at = store->time.now();
    part.concat = store::Concat{reference, false, 2, number};
    part.reason = reason;
    return store->parts.add(in_one(*store), part);
  }
  // What one look gives up.
  relay::Orphans look() {
    const UtcTime now = store->time.now();
    auto transaction = store->begin();
    relay::Orphans orphans = relay::give_up_orphans(office, transaction, now);
    transaction.commit();
    return orphans;
  }
  [[nodiscard]] std::int64_t waiting() { return store->parts.count(PartState::waiting); }
  [[nodiscard]] std::int64_t quarantined() { return store->parts.count(PartState::quarantined); }
  [[nodiscard]] std::string modem_of_reply() {
    const auto replies = store->outbox.open(2);
    return replies.size() == 1 ? replies[0].modem : std::to_string(replies.size()) + " replies";
  }
};

}  // namespace

TEST_CASE("orphans: after a day they are in quarantine, and the sender is told once") {
  Desk desk;
  desk.arrives(kAda, 1, "spare");
  desk.clock.pass(24h - 1s);
  CHECK(desk.look().modems.empty());
  CHECK(desk.waiting() == 1);
  desk.clock.pass(1s);
  const relay::Orphans orphans = desk.look();
  CHECK(orphans.modems == std::set<std::string>{"spare"});
  CHECK(orphans.log.size() == 1);
  CHECK_FALSE(orphans.more);
  CHECK(desk.waiting() == 0);
  CHECK(desk.quarantined() == 1);
  CHECK(desk.store->parts.quarantined(9).at(0).reason == "the rest of it never came");
  CHECK(desk.told() == std::vector{relay::replies::incomplete()});
  CHECK(desk.modem_of_reply() == "spare");
  desk.clock.pass(24h);
  CHECK(desk.look().modems.empty());
  CHECK(desk.told().size() == 1);
}

TEST_CASE("orphans: the day counts from the last part that came") {
  Desk desk;
  for (const int number : {1, 1}) {  // sent again by the phone: still incomplete
    desk.arrives(kAda, number);
    desk.clock.pass(20h);
    CHECK(desk.look().log.empty());
  }
  CHECK(desk.waiting() == 2);
  desk.clock.pass(4h);
  CHECK(desk.look().log.size() == 1);
  CHECK(desk.quarantined() == 2);
  CHECK(desk.told().size() == 1);
}

TEST_CASE("orphans: two texts of two people are two answers") {
  Desk desk;
  desk.arrives(kAda, 1);
  desk.arrives(kBob, 2, "spare");
  desk.clock.pass(24h);
  CHECK(desk.look().modems == std::set<std::string>{"main", "spare"});
  CHECK(desk.told().size() == 2);
}

TEST_CASE("orphans: whose sender hears nothing") {
  Desk desk;
  SUBCASE("cannot be answered, or was told before") {
    desk.arrives(kAda, 1, "main", kToday, 1, PartReason::quiet);
  }
  SUBCASE("is a name") {
    desk.arrives("12345", 1);
  }
  SUBCASE("has said STOP") {
    desk.arrives(kAda, 1);
    desk.store->opt_outs.add(in_one(*desk.store), *PhoneNumber::parse(kAda), desk.store->time.now());
  }
  desk.clock.pass(24h);
  CHECK(desk.look().log.size() == 1);
  CHECK(desk.quarantined() == 1);
  CHECK(desk.told().empty());
}

TEST_CASE("orphans: a part that was sent again beside a whole text is nobody's loss") {
  Desk desk;
  const auto first = desk.arrives(kAda, 1);
  const auto second = desk.arrives(kAda, 2);
  static_cast<void>(desk.store->take(
      in_one(*desk.store), {"main", kAda, kAda, "12", desk.store->time.now(), desk.store->time.now()},
      std::vector{first, second}));
  desk.arrives(kAda, 1, "main", kToday + 10s);
  desk.clock.pass(24h + 10s);
  CHECK(desk.look().log.empty());
  CHECK(desk.waiting() == 0);
  CHECK(desk.quarantined() == 0);
  CHECK(desk.store->parts.count(PartState::ignored) == 1);
  CHECK(desk.told().empty());
}

TEST_CASE("orphans: a clock that is set ends no patience") {
  Desk desk;
  desk.clock.set(UtcTime(1h));  // a box without a clock of its own
  desk.arrives(kAda, 1, "main", std::nullopt);
  desk.arrives(kBob, 1, "main", kToday);
  desk.clock.set(kToday);
  CHECK(desk.look().log.empty());
  CHECK(desk.waiting() == 2);
  desk.clock.pass(24h);
  CHECK(desk.look().log.size() == 2);
}

TEST_CASE("orphans: what came while the clock was wrong counts from when it was sent") {
  Desk desk;
  static_cast<void>(desk.store->time.now());
  const auto part = desk.arrives(kAda, 1);
  store::Database(desk.store.database())
      .execute(("UPDATE parts SET received_at = 3600000 WHERE id = " + std::to_string(part)).c_str());
  desk.clock.pass(23h);
  CHECK(desk.look().log.empty());
  desk.clock.pass(1h);
  CHECK(desk.look().log.size() == 1);
}

TEST_CASE("orphans: a hundred texts at a time") {
  Desk desk;
  for (int i = 0; i < 101; ++i)
    desk.arrives(kAda, 1, "main", kToday, static_cast<std::uint8_t>(i), PartReason::quiet);
  desk.clock.pass(24h);
  CHECK(desk.look().more);
  CHECK(desk.waiting() == 1);
  CHECK_FALSE(desk.look().more);
  CHECK(desk.waiting() == 0);
}
