// The driver's memory of PINs (modem/driver/pin_memory.h), kept in the store.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "modem/driver/pin_memory.h"
#include "store/store.h"

namespace pigeon::transport {

// Belongs to one modem's thread. Everything throws StorageError; then no PIN is entered.
class PinMemory : public modem::PinMemory {
 public:
  // `modem` is its name in the store. `store` is borrowed.
  PinMemory(std::string modem, store::Store& store);

  [[nodiscard]] bool may_try(const modem::CardIdentity& card, std::string_view pin) override;
  void try_begins(const modem::CardIdentity& card, std::string_view pin) override;
  void settle(const modem::CardIdentity& card, std::string_view pin, modem::PinVerdict verdict) override;
  // The modem has answered, whatever its card says.
  void is_there() { gone_since_.reset(); }
  // It is open, and its card is open too. Written down once after each try; costs nothing when it is said
  // again.
  void is_open();
  // It could not be opened because its port or its card is not there. After `patience` without it a card that
  // tells nothing about itself counts as another one: a modem that restarts is away for some seconds, too.
  void is_gone(SteadyTime now, milliseconds patience);

 private:
  [[nodiscard]] store::PinCard of(const modem::CardIdentity& card) const;

  std::string modem_;
  store::Store& store_;
  std::optional<SteadyTime> gone_since_;
  bool forgotten_ = false;  // since it has been gone
  bool open_is_told_ = false;
};

}  // namespace pigeon::transport
