// Asking the network, and waiting for it; see ussd_desk.h.
#include "transport/ussd_desk.h"

#include <string>
#include <utility>

#include "base/log.h"

namespace pigeon::transport {

Result<void> UssdDesk::begin(modem::SerialModem& modem, UssdErrand errand, SteadyTime now) {
  if (asked_) {
    errand.done(fail(Errc::busy, "another USSD code waits for its answer", Retry::yes));
    return {};
  }
  const bool ends = errand.text.empty();
  auto given = ends ? modem.end_ussd() : modem.request_ussd(errand.text);
  if (!given) {
    errand.done(tl::unexpected(given.error()));
    if (given.error().code == Errc::disconnected) return given;
  } else if (ends) {
    errand.done(modem::UssdReply{modem::UssdReply::Kind::ended, -1, ""});
  } else {
    deadline_ = now + errand.timeout;
    asked_ = std::move(errand);
  }
  return {};
}

void UssdDesk::take(const modem::UssdReply& reply) {
  if (asked_)
    std::exchange(asked_, std::nullopt)->done(reply);
  else
    log::debug("ussd", "the network says something that nobody asked for");
}

Result<void> UssdDesk::expire(modem::SerialModem& modem, SteadyTime now) {
  if (!asked_ || now < deadline_) return {};
  const auto waited = std::chrono::ceil<seconds>(asked_->timeout);
  auto ended = modem.end_ussd();
  std::exchange(asked_, std::nullopt)
      ->done(fail(Errc::timeout, "the network gave no answer within " + std::to_string(waited.count()) + " s",
                  Retry::yes));
  if (!ended && ended.error().code == Errc::disconnected) return ended;
  return {};
}

void UssdDesk::give_up(const Error& error) {
  if (asked_) std::exchange(asked_, std::nullopt)->done(tl::unexpected(error));
}

std::optional<SteadyTime> UssdDesk::deadline() const {
  return asked_ ? std::optional(deadline_) : std::nullopt;
}

}  // namespace pigeon::transport
