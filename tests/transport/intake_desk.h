// What tests of the intake share: a store, an intake over it, and DELIVERs in slots.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "modem/sms/segmenter.h"
#include "tests/manual_clock.h"
#include "tests/store/temp_store.h"
#include "transport/intake.h"

namespace pigeon::test {

using Arrival = transport::Intake::Arrival;

inline constexpr std::chrono::sys_seconds kToday =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + std::chrono::hours(12);
inline constexpr const char* kAda = "+12025550123";

struct IntakeDesk {
  ManualClock clock;
  TempStore store{clock};
  transport::IntakeSettings settings{"+12025550100", "US", "It could not be read."};
  transport::Intake intake{"main", settings, *store};
  UtcTime now = kToday;

  // The same program after a crash: nothing but the store is left.
  void restart() {
    store.reopen();
    std::destroy_at(&intake);
    std::construct_at(&intake, "main", settings, *store);
  }
  // How many messages became whole.
  int take(const std::vector<modem::StoredMessage>& stored, Arrival arrival = Arrival::announced) {
    return intake.take(stored, now, arrival).messages;
  }
  [[nodiscard]] std::int64_t received() { return store->inbox.count_open(); }
  [[nodiscard]] std::int64_t owed() { return store->outbox.count(store::ReplyState::queued); }
  [[nodiscard]] std::string text(std::int64_t id) {
    const auto message = store->inbox.find(id);
    return message ? message->text : "no message " + std::to_string(id);
  }
};

// The DELIVERs of a text from Ada, one a slot from `first_slot` on.
inline std::vector<modem::StoredMessage> stored(const std::string& text, int first_slot,
                                                std::chrono::sys_seconds sent_at = kToday,
                                                std::uint8_t reference = 1) {
  const auto submits = modem::segment(text, *modem::Address::from_number(kAda), {reference, false});
  REQUIRE(submits.has_value());
  std::vector<modem::StoredMessage> messages;
  for (const modem::Submit& submit : *submits) {
    modem::Deliver deliver;
    deliver.sender = submit.recipient;
    deliver.timestamp.utc = sent_at;
    deliver.user_data = submit.user_data;
    messages.push_back({{"SM", first_slot++}, *modem::encode_pdu({"", deliver})});
  }
  return messages;
}

inline std::vector<modem::StoredMessage> in_slot(int slot, std::string_view hex) {
  return {{{"SM", slot}, *from_hex(hex)}};
}

}  // namespace pigeon::test
