// What the owner of a modem remembers about PINs, so that a wrong one is entered once and not once a start:
// three wrong ones block a card. The driver has no database, so it asks.
#pragma once

#include <string>
#include <string_view>

namespace pigeon::modem {

// The card that asks for its PIN, as well as can be told before it is open.
struct CardIdentity {
  // "iccid:…" or "imsi:…"; where the card tells neither, the same as `modem`.
  std::string card;
  std::string modem;  // "imei:…"; where the modem does not tell that, "port:" and its name and device
  [[nodiscard]] bool names_card() const { return card != modem; }
};

enum class PinVerdict {
  right,       // the card is open
  refused,     // by the card, or it is not known to have been taken
  not_judged,  // the card was still starting: no try is lost
};

// Called by the thread that owns the modem. What an owner throws passes through the driver, which has not
// entered the PIN then.
class PinMemory {
 public:
  virtual ~PinMemory() = default;
  // Whether this PIN may be entered: not when it was entered into this card before and did not open it.
  [[nodiscard]] virtual bool may_try(const CardIdentity& card, std::string_view pin) = 0;
  // It is entered next: remembered for good when this returns, whatever happens then.
  virtual void try_begins(const CardIdentity& card, std::string_view pin) = 0;
  // What became of it; no call of this is the same as `refused`.
  virtual void settle(const CardIdentity& card, std::string_view pin, PinVerdict verdict) = 0;
};

// For owners that have none: what was entered since the process began.
[[nodiscard]] PinMemory& process_pin_memory();

}  // namespace pigeon::modem
