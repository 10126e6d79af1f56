// Intake's own answer: who sends what cannot be read hears so, and a machine that does so again and again is
// not answered for ever.
#include <doctest/doctest.h>

#include "tests/store/temp_store.h"
#include "transport/intake.h"

using namespace pigeon;

namespace {

// The `number`th SMS with half a UCS-2 unit in it.
modem::StoredMessage unreadable(int number) {
  modem::Deliver deliver;
  deliver.sender = *modem::Address::from_number("+12025550123");
  deliver.timestamp.utc = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + seconds(number);
  deliver.user_data.dcs = 0x08;
  deliver.user_data.data = {0x41};
  return {{"SM", number}, *modem::encode_pdu({"", deliver})};
}

}  // namespace

TEST_CASE("intake: whoever sends what cannot be read is told so, and not again and again") {
  test::TempStore store;
  const transport::IntakeSettings settings{"+12025550100", "", "It could not be read."};
  transport::Intake intake{"main", settings, *store};
  const UtcTime now = from_unix_ms(1'795'000'000'000);
  int replies = 0;
  for (int number = 1; number <= 10; ++number) {
    replies += intake.take(std::vector{unreadable(number)}, now + seconds(number)).replies;
  }
  CHECK(replies == 2);
  CHECK(store->outbox.count(store::ReplyState::queued) == 2);
  CHECK(store->budgets.refused(store::Budget::same_words_per_hour) == 8);
  CHECK(store->parts.count(store::PartState::quarantined) == 10);
  CHECK(intake.take(std::vector{unreadable(11)}, now + std::chrono::hours(2)).replies == 1);
}
