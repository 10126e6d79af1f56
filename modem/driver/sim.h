// The card in the modem: its states, which one it is, and its PIN. Three wrong PINs block a card, so a PIN is
// entered once into a card that does not take it (pin_memory.h), and not at all where one try is left.
#pragma once

#include <optional>
#include <string>

#include "modem/driver/line.h"
#include "modem/driver/pin_memory.h"

namespace pigeon::modem {

class Sim {
 public:
  // Of `options` its PIN, its PIN memory and its name; of `identity` the IMEI and the device, as they are
  // when a PIN is asked for.
  Sim(Line& line, const ModemOptions& options, const ModemIdentity& identity);

  // Until the card is open. Errc::not_found no card, denied locked for good or the PIN refused, busy not
  // ready in time.
  [[nodiscard]] Result<void> unlock();

 private:
  // The only place that sends a PIN, into the card that is returned; Errc::busy: the card was not ready to
  // judge it and it counts as untried.
  Result<CardIdentity> enter_pin();
  Result<CardIdentity> card_that_may_be_opened();  // Errc::denied: by this PIN it may not
  [[nodiscard]] PinMemory& pin_memory() const;     // the owner's, else the process's
  // Before the PIN; a card that tells nothing about itself is no error.
  Result<CardIdentity> card_identity();
  Result<std::string> card_number();            // "iccid:…", "imsi:…" or empty
  Result<std::optional<int>> pin_tries_left();  // nothing where the modem does not tell

  Line& line_;
  const ModemOptions& options_;
  const ModemIdentity& identity_;
};

}  // namespace pigeon::modem
