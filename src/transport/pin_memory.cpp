// Committing what becomes of PINs; see pin_memory.h.
#include "transport/pin_memory.h"

#include <utility>

namespace pigeon::transport {

PinMemory::PinMemory(std::string modem, store::Store& store) : modem_(std::move(modem)), store_(store) {}

store::PinCard PinMemory::of(const modem::CardIdentity& card) const {
  return {card.card, card.modem, modem_};
}

bool PinMemory::may_try(const modem::CardIdentity& card, std::string_view pin) {
  return store_.pins.may_try(of(card), pin);
}

void PinMemory::try_begins(const modem::CardIdentity& card, std::string_view pin) {
  open_is_told_ = false;
  auto transaction = store_.begin();
  store_.pins.begin(transaction, of(card), pin);
  transaction.commit();
}

void PinMemory::settle(const modem::CardIdentity& card, std::string_view pin, modem::PinVerdict verdict) {
  auto transaction = store_.begin();
  switch (verdict) {
    case modem::PinVerdict::right:
      store_.pins.right(transaction, of(card), pin);
      break;
    case modem::PinVerdict::refused:
      store_.pins.refused(transaction, of(card), pin);
      break;
    case modem::PinVerdict::not_judged:
      store_.pins.not_judged(transaction, of(card), pin);
      break;
  }
  transaction.commit();
}

void PinMemory::is_open() {
  if (open_is_told_) return;
  is_there();
  auto transaction = store_.begin();
  store_.pins.opened(transaction, modem_);
  transaction.commit_for_later();  // the next time it is opened tells the same
  open_is_told_ = true;
}

void PinMemory::is_gone(SteadyTime now, milliseconds patience) {
  if (!gone_since_) forgotten_ = false;
  gone_since_ = gone_since_.value_or(now);
  if (forgotten_ || now - *gone_since_ < patience) return;
  auto transaction = store_.begin();
  store_.pins.forget_nameless(transaction, modem_);
  transaction.commit();
  forgotten_ = true;
}

}  // namespace pigeon::transport
