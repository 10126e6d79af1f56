// SQL of the pin_tries table; see pin_tries.h.
#include "store/pin_tries.h"

#include "base/crypto.h"
#include "store/states.h"

namespace pigeon::store {

PinTries::PinTries(Database& db, const SecretBox::Key& key)
    : db_(db),
      key_(key),
      of_device_(db,
                 "SELECT card, pin, state FROM pin_tries WHERE card IN (?1, ?2)"
                 " UNION ALL SELECT card, pin, state FROM pin_tries WHERE device = ?2 AND ?1 = ?2"),
      begin_(db,
             "INSERT INTO pin_tries (card, pin, device, modem, state) VALUES (?1, ?2, ?3, ?4, 'tried')"
             " ON CONFLICT (card, pin) DO UPDATE SET device = ?3, modem = ?4,"
             " state = CASE state WHEN 'right' THEN 'doubted' ELSE 'tried' END"),
      settle_(db, "UPDATE pin_tries SET state = ?3 WHERE card = ?1 AND pin = ?2"),
      back_to_right_(
          db, "UPDATE pin_tries SET state = 'right' WHERE card = ?1 AND pin = ?2 AND state = 'doubted'"),
      back_to_none_(db, "DELETE FROM pin_tries WHERE card = ?1 AND pin = ?2 AND state = 'tried'"),
      opened_(db, "UPDATE pin_tries SET state = 'right' WHERE modem = ?1 AND state IN ('tried','doubted')"),
      forget_nameless_(db, "DELETE FROM pin_tries WHERE modem = ?1 AND card = device"),
      forget_(db, "DELETE FROM pin_tries WHERE modem = ?1") {}

std::vector<std::uint8_t> PinTries::digest(std::string_view card, std::string_view pin) const {
  return key_(std::string(card) + '\n' + std::string(pin));
}

bool PinTries::may_try(const PinCard& card, std::string_view pin) {
  const auto lock = db_.lock();
  Query query = of_device_.bind(card.card, card.device);
  while (query.next()) {
    const PinState state = state_of(query.text(2), PinState::refused);
    const bool in_vain = state == PinState::tried || state == PinState::refused;
    if (in_vain && query.blob(1) == digest(query.text(0), pin)) return false;
  }
  return true;
}

void PinTries::begin(Transaction& transaction, const PinCard& card, std::string_view pin) {
  begin_.bind(card.card, digest(card.card, pin), card.device, card.modem).run(transaction);
}

void PinTries::right(Transaction& transaction, const PinCard& card, std::string_view pin) {
  settle_.bind(card.card, digest(card.card, pin), state_word(PinState::right)).run(transaction);
}

void PinTries::refused(Transaction& transaction, const PinCard& card, std::string_view pin) {
  settle_.bind(card.card, digest(card.card, pin), state_word(PinState::refused)).run(transaction);
}

void PinTries::not_judged(Transaction& transaction, const PinCard& card, std::string_view pin) {
  back_to_right_.bind(card.card, digest(card.card, pin)).run(transaction);
  back_to_none_.bind(card.card, digest(card.card, pin)).run(transaction);
}

void PinTries::opened(Transaction& transaction, std::string_view modem) {
  opened_.bind(modem).run(transaction);
}

void PinTries::forget_nameless(Transaction& transaction, std::string_view modem) {
  forget_nameless_.bind(modem).run(transaction);
}

void PinTries::forget(Transaction& transaction, std::string_view modem) {
  forget_.bind(modem).run(transaction);
}

}  // namespace pigeon::store
