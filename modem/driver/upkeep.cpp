// What the driver does while its owner waits: settings that the modem has lost or refused are set again, and
// a modem that says nothing is asked whether it is still there. See serial_modem.h.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "modem/driver/serial_modem_impl.h"

namespace pigeon::modem {
namespace {

constexpr milliseconds kLongestPause = std::chrono::minutes(10);
constexpr int kNothingToAcknowledge = 340;  // +CMS ERROR, TS 27.005 §3.2.5

}  // namespace

bool SerialModem::Impl::is_settled() const {
  return can_select && settings.announces_messages;
}

SteadyTime SerialModem::Impl::next_upkeep() const {
  const SteadyTime silent_until = channel.last_heard() + options.timeouts.alive;
  return is_settled() ? silent_until : std::min(silent_until, settle_at);
}

Result<void> SerialModem::Impl::keep_up() {
  if (doubts_indications) {
    if (auto verified = verify_indications(); !verified) return verified;
  }
  if (!is_settled() && steady_now() >= settle_at) {
    if (auto settled = settle_again(); !settled) return settled;
  }
  const bool is_silent = steady_now() >= channel.last_heard() + options.timeouts.alive;
  return is_silent ? ask_for_life() : Result<void>();
}

void SerialModem::Impl::settle_later() {
  settle_pause = std::min(std::max(settle_pause * 2, options.timeouts.settle), kLongestPause);
  settle_at = steady_now() + settle_pause;
}

// Firmware refuses AT+CPMS and AT+CNMI for a minute after a start, with any error that it knows.
Result<void> SerialModem::Impl::settle_again() {
  settle_later();
  if (!can_select) {
    if (auto chosen = choose_storages(); !chosen) return chosen;
    // Whatever has come into the other storages meanwhile is found by listing.
    if (can_select) events.push_back(Event{Event::Kind::message_stored, std::nullopt, {}});
  }
  if (settings.announces_messages) return {};
  if (auto chosen = choose_indications(); !chosen) return chosen;
  if (settings.announces_messages) {
    log::notice(tag, "the modem announces messages now (CNMI " + settings.cnmi + ")");
    events.push_back(Event{Event::Kind::message_stored, std::nullopt, {}});
  }
  return {};
}

// A modem that refuses acknowledgements would soon deliver nothing any more (TS 27.005 §3.4.4): then without.
Result<void> SerialModem::Impl::acknowledge() {
  if (!std::exchange(unacknowledged, false)) return {};
  const auto answer = channel.ask({std::string(profile->acknowledgement), options.timeouts.answer});
  if (!answer) return tl::unexpected(answer.error());
  if (answer->ok() || answer->result.is_cms(kNothingToAcknowledge)) return {};
  log::notice(tag, "the modem refuses acknowledgements (" + answer->result.text + "): it is to do without");
  settings.acknowledges = false;
  return attempt("AT+CSMS=0");
}

Result<void> SerialModem::Impl::ask_for_life() {
  const auto answer = channel.ask({"AT", options.timeouts.answer});
  if (!answer) return tl::unexpected(answer.error());
  return {};
}

}  // namespace pigeon::modem
