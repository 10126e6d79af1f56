// However the network writes a person's number, as a sender or as the recipient of what it reports on, it is
// the same person; and whoever cannot be told without a country is kept, and a condition.
#include <doctest/doctest.h>

#include "modem/sms/segmenter.h"
#include "tests/store/temp_store.h"
#include "transport/intake.h"

using namespace pigeon;
using modem::TypeOfNumber;

namespace {

constexpr UtcTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + std::chrono::hours(12);
constexpr const char* kAda = "+4915112345678";

modem::Address address(TypeOfNumber type, std::string value) {
  return {.type_of_number = type, .numbering_plan = 1, .value = std::move(value)};
}

const modem::Address kWritings[] = {
    address(TypeOfNumber::international, "4915112345678"),  address(TypeOfNumber::unknown, "4915112345678"),
    address(TypeOfNumber::national, "15112345678"),         address(TypeOfNumber::unknown, "015112345678"),
    address(TypeOfNumber::unknown, "004915112345678"),      address(TypeOfNumber::national, "4915112345678"),
    address(TypeOfNumber::international, "49015112345678"),
};

struct Desk {
  explicit Desk(std::string country, std::string number = "+12025550100")
      : settings{std::move(number), std::move(country), "It could not be read."} {}

  test::TempStore store;
  transport::IntakeSettings settings;
  transport::Intake intake{"main", settings, *store};
  int slot = 0;

  // How many texts became whole.
  int take(const modem::Address& sender, modem::UserData words, std::chrono::sys_seconds sent_at) {
    modem::Deliver deliver;
    deliver.sender = sender;
    deliver.timestamp.utc = sent_at;
    deliver.user_data = std::move(words);
    const modem::StoredMessage stored{{"SM", ++slot}, *modem::encode_pdu({"", deliver})};
    return intake.take(std::vector{stored}, kNow).messages;
  }
  int take(const modem::Address& sender, std::chrono::sys_seconds sent_at) {
    modem::UserData words;
    words.data = {'h', 'i'};
    return take(sender, words, sent_at);
  }
  store::Message message(std::int64_t id) { return store->inbox.find(id).value(); }
  [[nodiscard]] bool told() { return !store->conditions.list().empty(); }
};

}  // namespace

TEST_CASE("one person: the same phone however the network writes it") {
  Desk desk("DE");
  std::int64_t id = 0;
  for (const modem::Address& writing : kWritings) {
    CAPTURE(writing.value);
    ++id;
    REQUIRE(desk.take(writing, std::chrono::floor<seconds>(kNow) + seconds(id)) == 1);
    CHECK(desk.message(id).phone == kAda);
  }
  CHECK_FALSE(desk.told());
}

TEST_CASE("one person: a text that comes again in another writing is a copy") {
  Desk desk("DE");
  int taken = 0;
  for (const modem::Address& writing : kWritings)
    taken += desk.take(writing, std::chrono::floor<seconds>(kNow));
  CHECK(taken == 1);
}

TEST_CASE("one person: the parts of a text come together in different writings") {
  Desk desk("DE");
  const auto submits = modem::segment(std::string(400, 'x'), *modem::Address::from_number(kAda), {1, false});
  REQUIRE(submits.has_value());
  REQUIRE(submits->size() == 3);
  int taken = 0;
  for (std::size_t i = 0; i < 3; ++i)
    taken += desk.take(kWritings[i], (*submits)[i].user_data, std::chrono::floor<seconds>(kNow));
  CHECK(taken == 1);
  CHECK(desk.message(1).text == std::string(400, 'x'));
}

TEST_CASE("one person: the box knows its own number in every writing") {
  for (const char* own : {kAda, "+49015112345678"}) {
    CAPTURE(own);
    Desk desk("DE", own);
    std::int64_t id = 0;
    for (const modem::Address& writing : kWritings) {
      CAPTURE(writing.value);
      ++id;
      REQUIRE(desk.take(writing, std::chrono::floor<seconds>(kNow) + seconds(id)) == 1);
      CHECK(desk.message(id).phone.empty());
    }
  }
}

TEST_CASE("one person: a status report finds its reply however the network writes the recipient") {
  const auto delivered = [](const char* country, const modem::Address& recipient,
                            const char* own = "+12025550100") {
    Desk desk(country, own);
    const auto id =
        desk.store->outbox.add(in_one(*desk.store), {kAda, "Posted: hello", "main", std::nullopt}, kNow);
    desk.store->outbox.begin_sending(in_one(*desk.store), id);
    desk.store->outbox.part_sent(in_one(*desk.store), id, 1, 200);
    desk.store->outbox.sent(in_one(*desk.store), id, kNow);
    modem::StatusReport report;
    report.reference = 200;
    report.recipient = recipient;
    desk.intake.take_status_report(report);
    return desk.store->outbox.count(store::ReplyState::delivered) == 1;
  };
  for (const modem::Address& writing : kWritings) {
    CAPTURE(writing.value);
    CHECK(delivered("DE", writing));
  }
  CHECK(delivered("", address(TypeOfNumber::unknown, "4915112345678")));  // only its plus is missing
  CHECK_FALSE(delivered("", address(TypeOfNumber::unknown, "015112345678")));
  CHECK(delivered("", address(TypeOfNumber::unknown, "4915112345678"), "+99912345678"));
  for (const modem::Address& writing : kWritings) {  // the box's own number says where it stands
    CAPTURE(writing.value);
    CHECK(delivered("", writing, "+4915112345600"));
  }
  CHECK_FALSE(delivered("DE", address(TypeOfNumber::unknown, "4915112345679")));
}

TEST_CASE("one person: a national sender without a country is kept, counted and told") {
  Desk desk("");
  const auto sent_at = std::chrono::floor<seconds>(kNow);
  for (const char* nobody : {"12345", "*100#"})
    REQUIRE(desk.take(address(TypeOfNumber::unknown, nobody), sent_at) == 1);
  REQUIRE(desk.take(address(TypeOfNumber::alphanumeric, "Bank"), sent_at) == 1);
  REQUIRE(desk.take(kWritings[0], sent_at) == 1);
  CHECK_FALSE(desk.told());

  REQUIRE(desk.take(kWritings[2], sent_at) == 1);
  REQUIRE(desk.take(kWritings[3], sent_at) == 1);
  const auto conditions = desk.store->conditions.list();
  REQUIRE(conditions.size() == 1);
  CHECK(conditions[0].code == store::ConditionCode::country_missing);
  CHECK(conditions[0].count == 2);
  const store::Message kept = desk.message(5);
  CHECK(kept.sender == "15112345678");
  CHECK(kept.phone.empty());
  CHECK(kept.text == "hi");
  CHECK(kept.note == "the sender is a national number and gateway.country is not set");
}
