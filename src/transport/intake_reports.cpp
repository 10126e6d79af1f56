// What comes back of what was sent: whose reply a status report is about, and self-tests; see intake.h.
#include "numbers/completion.h"
#include "transport/intake.h"

namespace pigeon::transport {

void Intake::take_status_report(const modem::StatusReport& report) {
  auto transaction = store_.begin();
  take_status_report(transaction, report);
  transaction.commit_for_later();  // it only tells
}

void Intake::take_status_report(store::Transaction& transaction, const modem::StatusReport& report) {
  constexpr std::uint8_t kFirstTemporaryError = 0x20;  // TS 23.040 §9.2.3.15
  constexpr std::uint8_t kFirstPermanentError = 0x40;
  if (report.status >= kFirstTemporaryError && report.status < kFirstPermanentError) return;  // still trying
  const bool delivered = report.status < kFirstTemporaryError;
  const UtcTime now = store_.time.now();
  const auto is = [&](const std::string& phone) {
    return store_.status_reports.take(transaction, {modem_, phone, report.reference, delivered}, now);
  };
  const modem::Address& recipient = report.recipient;
  if (is(canonical(recipient)) || recipient.type_of_number == modem::TypeOfNumber::international) return;
  // Somebody was written to, so that forms which stand for nobody by themselves say enough: digits that only
  // lack their plus, and on a box without a country those of its own number's.
  const auto plus_less = numbers::complete(recipient.value, true, "");
  if ((plus_less && is(plus_less->e164())) || !settings_.country.empty()) return;
  const std::string own_country = numbers::country_of(own_number_);
  if (const auto national = numbers::complete(recipient.value, false, own_country)) is(national->e164());
}

void Intake::tell_self_tests(const Taken& taken, Arrival arrival) const {
  if (settings_.self_tests == nullptr) return;
  for (SelfTestArrival one : taken.self_tests) {
    one.modem = modem_;
    one.was_announced = arrival == Arrival::announced;
    settings_.self_tests->came(one, steady_now());
  }
}

}  // namespace pigeon::transport
