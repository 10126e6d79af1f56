// Asking X for PIN links and about PINs; see pin_desk.h.
#include "relay/pin_desk.h"

#include "base/log.h"
#include "relay/codes.h"
#include "relay/links.h"
#include "relay/replies.h"
#include "relay/settling.h"

namespace pigeon::relay {
namespace {

constexpr const char* kTag = "pairing";

Happened happened(pairing::PinError::Why why) {
  switch (why) {
    case pairing::PinError::Why::client_rejected:
      return Happened::client_rejected;
    case pairing::PinError::Why::unreachable:
      return Happened::token_unreachable;
    case pairing::PinError::Why::wrong_pin:
    case pairing::PinError::Why::over:
    case pairing::PinError::Why::read_only:
    case pairing::PinError::Why::unavailable:
      break;
  }
  return Happened::token_unavailable;
}

}  // namespace

// A text in hand.
struct PinDesk::Text {
  const store::Job& job;
  const store::Message& message;
  UtcTime now;
};

PinDesk::PinDesk(const Office& office, x::XClient& x) : office_(office), x_(x) {}

void PinDesk::work(const store::Job& job) {
  const UtcTime now = office_.store.time.now();
  const auto message = office_.store.inbox.find(job.subject);
  if (!message || message->ending) {
    auto transaction = office_.store.begin();
    office_.store.jobs.done(transaction, job);
    transaction.commit();
    return;
  }
  const Text text{job, *message, now};
  const auto phone = PhoneNumber::parse(message->phone);
  const bool is_pin = job.kind == store::JobKind::pin;
  // A PIN counts by when it came; that X was out of reach is not the person's fault.
  const auto live = phone ? office_.store.pairings.live(*phone, is_pin ? message->received_at : now)
                          : std::optional<store::Pairing>();
  const auto state = is_pin ? store::PairingState::started : store::PairingState::offered;
  if (!live || !live->by_pin || live->state != state) {  // STOP, START or its end came in between
    auto transaction = office_.store.begin();
    close(transaction, text, "no longer wanted");
    transaction.commit();
    return;
  }
  if (must_wait(text)) return;
  if (is_pin)
    redeem(text, *live);
  else
    send_link(text, *live);
}

bool PinDesk::must_wait(const Text& text) {
  for (const Gate gate : {Gate::token_endpoint, Gate::keys}) {
    if (text.job.probes >= kMaxProbes || office_.gates.may_pass(gate, text.job.id)) continue;
    wait_at(office_, gate, text.job, text.message, std::nullopt, text.now);
    return true;
  }
  return false;
}

void PinDesk::send_link(const Text& text, const store::Pairing& pairing) {
  const auto token = pairing::ask_for_pin(x_, office_.pairing);
  if (!token) {
    try_later(text, token.error());
    return;
  }
  came_through(office_, Gate::token_endpoint, text.now);
  came_through(office_, Gate::keys, text.now);
  const std::string url = pairing::pin_link(office_.pairing, *token);
  auto transaction = office_.store.begin();
  if (!office_.store.pairings.await_pin(transaction, pairing.id, *token, text.now)) {
    close(transaction, text, "no longer wanted");
    transaction.commit();
    return;
  }
  store::Settlement settlement;
  settlement.ending = store::Ending::answered;
  settlement.note = "link";
  settlement.reply = pin_reply(office_, text.message, pairing.id, url);
  const bool queued =
      office_.store.settle(transaction, text.job, text.message, std::nullopt, settlement, text.now);
  store::commit_settled(transaction, queued);
  office_.wakeups.notify_modem(text.message.modem);
  office_.wakeups.local.ring();  // for the pairing's expiry
}

void PinDesk::redeem(const Text& text, const store::Pairing& pairing) {
  const auto token = office_.store.pairings.request_token(pairing.id);
  const auto pin = code_in(text.message.text);
  if (!token || !*token || !pin) {
    if (!token) log::error(kTag, token.error().message);
    refuse(text, pairing.id, {pairing::PinError::Why::over, "what X gave to link with cannot be read"});
    return;
  }
  const auto credentials = pairing::redeem_pin(x_, office_.pairing, **token, *pin);
  if (credentials) {
    came_through(office_, Gate::token_endpoint, text.now);
    came_through(office_, Gate::keys, text.now);
    link(text, pairing.id, *credentials);
    return;
  }
  switch (credentials.error().why) {
    case pairing::PinError::Why::wrong_pin:
    case pairing::PinError::Why::over:
    case pairing::PinError::Why::read_only:
      refuse(text, pairing.id, credentials.error());
      return;
    case pairing::PinError::Why::client_rejected:
    case pairing::PinError::Why::unreachable:
    case pairing::PinError::Why::unavailable:
      try_later(text, credentials.error());
      return;
  }
}

void PinDesk::link(const Text& text, std::int64_t pairing, const store::Credentials& credentials) {
  auto transaction = office_.store.begin();
  // STOP or START has ended it while X was asked.
  if (!office_.store.pairings.link_at_once(transaction, pairing, credentials, text.now))
    office_.store.revocations.add(transaction, credentials.access_token, credentials.refresh_token, text.now,
                                  credentials.consumer_key);
  close(transaction, text, "PIN");
  transaction.commit();
  office_.wakeups.local.ring();  // the announcement tells the person
  office_.wakeups.network.ring();
}

void PinDesk::refuse(const Text& text, std::int64_t pairing, const pairing::PinError& error) {
  log::warning(kTag, error.message);
  store::Pairings& pairings = office_.store.pairings;
  auto transaction = office_.store.begin();
  const bool wrong = error.why == pairing::PinError::Why::wrong_pin;
  if (wrong && !pairings.count_wrong_code(transaction, pairing, text.now)) {
    store::Settlement settlement;
    settlement.ending = store::Ending::answered;
    settlement.note = "wrong PIN";
    settlement.reply = store::NewReply{text.message.phone, replies::wrong_pin(), text.message.modem,
                                       text.message.id, store::ReplyKind::answer};
    static_cast<void>(
        office_.store.settle(transaction, text.job, text.message, std::nullopt, settlement, text.now));
    office_.store.erasure.erase_text(transaction, text.message.id);
    transaction.commit();
    office_.wakeups.notify_modem(text.message.modem);
    return;
  }
  if (error.unheld)
    office_.store.revocations.add(transaction, error.unheld->access_token, error.unheld->refresh_token,
                                  text.now, error.unheld->consumer_key);
  if (!wrong) {
    const bool read_only = error.why == pairing::PinError::Why::read_only;
    pairings.fail(transaction, pairing,
                  read_only ? store::PairingFailure::read_only : store::PairingFailure::error, text.now);
  }
  close(transaction, text, "wrong PIN");  // the announcement says so
  transaction.commit();
  office_.wakeups.local.ring();
  office_.wakeups.network.ring();
}

void PinDesk::try_later(const Text& text, const pairing::PinError& error) {
  settle(office_, text.job, text.message, std::nullopt, happened(error.why), {.detail = error.message},
         office_.store.time.now());
}

// The words go with it: a PIN is nobody's to read.
void PinDesk::close(store::Transaction& transaction, const Text& text, std::string_view note) {
  settle_quietly(office_, transaction, text.job, text.message, store::Ending::answered, note, text.now);
  if (text.job.kind == store::JobKind::pin) office_.store.erasure.erase_text(transaction, text.message.id);
}

}  // namespace pigeon::relay
