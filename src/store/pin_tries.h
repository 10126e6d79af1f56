// The pin_tries table: which PINs were entered into which card, so that a wrong one is entered once and not
// once a start. A PIN stands there as an HMAC under a key that only this box has, bound to its card.
//
//   (no row) ─ begin → tried ─ right, opened → right ─ begin → doubted ─ right, opened → right
//                        └─ refused → refused                     ├─ begin → tried
//                                                                 └─ refused → refused
//
// What is `tried` or `refused` is not entered again. Where a kill or a full disk has cut off what became of a
// PIN, the modem tells it later: an open card means that it was right.
// A PIN that has opened the card before is entered again even if a power cut came between this commit and
// AT+CPIN, once: a box that is switched off and on must not need a hand for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "store/secret_box.h"
#include "store/sqlite.h"

namespace pigeon::store {

enum class PinState {
  tried,    // entered, or about to be; what became of it is not known
  refused,  // by the card
  right,    // it has opened the card
  doubted,  // it had before, and is being entered once more
};

// The card that asks for a PIN.
struct PinCard {
  std::string card;    // "iccid:…", "imsi:…"; the same as `device` where the card tells neither
  std::string device;  // "imei:…"
  std::string modem;   // its name in the configuration
};

class PinTries {
 public:
  // Prepares the statements, so the table must be there (StorageError). `db` is borrowed, the key is not.
  PinTries(Database& db, const SecretBox::Key& key);

  // False: it was entered into this card and has not opened it. What was entered while the card told nothing
  // about itself counts for every card of its device, and what is told nothing about for all that it holds.
  [[nodiscard]] bool may_try(const PinCard& card, std::string_view pin);
  // Before AT+CPIN, which may be written when this is on the disk.
  void begin(Transaction& transaction, const PinCard& card, std::string_view pin);
  void right(Transaction& transaction, const PinCard& card, std::string_view pin);
  void refused(Transaction& transaction, const PinCard& card, std::string_view pin);
  // The modem's card is open: what was entered there, and was not refused, was right.
  void opened(Transaction& transaction, std::string_view modem);
  // The card was not ready to judge: begin() is taken back.
  void not_judged(Transaction& transaction, const PinCard& card, std::string_view pin);

  // The stick was unplugged or its card taken out: one that tells nothing about itself is another one now.
  void forget_nameless(Transaction& transaction, std::string_view modem);
  // The operator wants the PIN to be entered once more into this modem's card.
  void forget(Transaction& transaction, std::string_view modem);

 private:
  [[nodiscard]] std::vector<std::uint8_t> digest(std::string_view card, std::string_view pin) const;

  Database& db_;
  HmacSha256 key_;
  Statement of_device_, begin_, settle_, back_to_right_, back_to_none_, opened_, forget_nameless_, forget_;
};

}  // namespace pigeon::store
