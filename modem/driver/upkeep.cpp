// What the driver does while its owner waits: settings that the modem has lost or refused are set again, and
// a modem that says nothing is asked whether it is still there. See session.h.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "modem/driver/session.h"

namespace pigeon::modem {
namespace {

constexpr milliseconds kLongestPause = std::chrono::minutes(10);
constexpr int kNothingToAcknowledge = 340;  // +CMS ERROR, TS 27.005 §3.2.5

}  // namespace

bool Session::is_settled() const {
  return parts_.storages.can_select() && parts_.indications.announces_messages();
}

SteadyTime Session::next_upkeep() const {
  const SteadyTime silent_until = line_.channel().last_heard() + line_.timeouts().alive;
  return is_settled() ? silent_until : std::min(silent_until, settle_at_);
}

Result<void> Session::keep_up() {
  if (echoes_again()) return {};
  const bool doubts_indications = parts_.news.take_direct_text() && parts_.indications.announces_messages();
  if (doubts_indications) {
    if (auto verified = parts_.indications.verify(); !verified) return verified;
  }
  if (std::exchange(could_select_, parts_.storages.can_select()) && !could_select_) settle_later();
  if (!is_settled() && steady_now() >= settle_at_) {
    if (auto settled = settle_again(); !settled) return settled;
  }
  const bool is_silent = steady_now() >= line_.channel().last_heard() + line_.timeouts().alive;
  auto alive = is_silent ? ask_for_life() : Result<void>();
  if (alive) static_cast<void>(echoes_again());
  return alive;
}

void Session::settle_later() {
  settle_pause_ = std::min(std::max(settle_pause_ * 2, line_.timeouts().settle), kLongestPause);
  settle_at_ = steady_now() + settle_pause_;
}

// Firmware refuses AT+CPMS and AT+CNMI for a minute after a start, with any error that it knows.
Result<void> Session::settle_again() {
  settle_later();
  Storages& storages = parts_.storages;
  Indications& indications = parts_.indications;
  if (!storages.can_select()) {
    if (auto chosen = storages.choose(); !chosen) return chosen;
    could_select_ = storages.can_select();
    // Whatever has come into the other storages meanwhile is found by listing.
    if (could_select_) parts_.news.ask_for_listing();
  }
  if (indications.announces_messages()) return {};
  if (auto chosen = indications.choose(); !chosen) return chosen;
  if (indications.announces_messages()) {
    log::notice(line_.tag(), "the modem announces messages now (CNMI " + indications.settled() + ")");
    parts_.news.ask_for_listing();
  }
  return {};
}

// A modem that refuses acknowledgements would soon deliver nothing any more (TS 27.005 §3.4.4): then without.
Result<void> Session::acknowledge() {
  if (!parts_.news.take_direct() || !acknowledges_) return {};
  const auto answer = line_.ask({std::string(parts_.profile.acknowledgement), line_.timeouts().answer});
  if (!answer) return tl::unexpected(answer.error());
  if (answer->ok() || answer->result.is_cms(kNothingToAcknowledge)) return {};
  log::notice(line_.tag(),
              "the modem refuses acknowledgements (" + answer->result.text + "): it is to do without");
  acknowledges_ = false;
  return line_.attempt("AT+CSMS=0");
}

// Who echoes again, whatever the command was, has started anew and not said so: nothing that was set holds
// any more.
bool Session::echoes_again() {
  if (!silent_echoes_ || line_.channel().counters().echoes == *silent_echoes_) return false;
  silent_echoes_.reset();
  log::notice(line_.tag(), "the modem echoes again: it has restarted");
  Event event;
  event.kind = Event::Kind::restarted;
  parts_.news.add(std::move(event));
  return true;
}

Result<void> Session::ask_for_life() {
  const auto answer = line_.ask({"AT", line_.timeouts().answer});
  if (!answer) return tl::unexpected(answer.error());
  return {};
}

}  // namespace pigeon::modem
