// The pin_tries table: which PINs were entered into which card, so that a wrong one is entered once and not
// once a start. A PIN stands there as an HMAC under a key that only this box has, bound to its card.
//
//   (no row) ─ begin → tried ─ right → right ─ begin → doubted ─ right → right
//                      tried: not entered again       doubted ─ begin, refused → tried
//
// A PIN that has opened the card before is entered again even if a power cut came between this commit and
// AT+CPIN, once: a box that is switched off and on must not need a hand for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/secret_box.h"
#include "store/sqlite.h"

namespace pigeon::store {

enum class PinState {
  tried,    // entered, or about to be, and it has not opened the card as far as is known
  right,    // it has
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
  PinTries(Database& db, const SecretBox& box);

  // False: it was entered into this card and has not opened it. What was entered while the card told nothing
  // about itself counts for every card of its device, and what is told nothing about for all that it holds.
  [[nodiscard]] bool may_try(const PinCard& card, std::string_view pin);
  // Before AT+CPIN, which may be written when this is on the disk.
  void begin(Transaction& transaction, const PinCard& card, std::string_view pin);
  void right(Transaction& transaction, const PinCard& card, std::string_view pin);
  void refused(Transaction& transaction, const PinCard& card, std::string_view pin);
  // The card was not ready to judge: begin() is taken back.
  void not_judged(Transaction& transaction, const PinCard& card, std::string_view pin);

  // The stick was unplugged or its card taken out: one that tells nothing about itself is another one now.
  void forget_nameless(Transaction& transaction, std::string_view modem);
  // The operator wants the PIN to be entered once more into this modem's card.
  void forget(Transaction& transaction, std::string_view modem);

 private:
  [[nodiscard]] std::vector<std::uint8_t> digest(std::string_view card, std::string_view pin) const;

  Database& db_;
  SecretBox::Key key_;
  Statement of_device_, begin_, settle_, back_to_right_, back_to_none_, forget_nameless_, forget_;
};

}  // namespace pigeon::store
