// What is done for a modem that is there and does not work, from what costs least to what costs most:
//
//   the channel finds back into step (at_channel.h) → close, open again → radio off and on → reboot
//     → USB re-authorised, by a unit of root's
//
// One step after each failure in a row; what cuts a modem off for longer is not repeated before some time has
// passed. A modem that never worked is only opened again: nobody knows what else is on that port.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "modem/driver/reset.h"
#include "modem/driver/serial_modem.h"
#include "modem/port/usb_ports.h"
#include "store/store.h"

namespace pigeon::transport {

enum class Remedy { reopen, radio, reboot, reauthorise };
[[nodiscard]] std::string_view words_of(Remedy remedy);  // "its radio is switched off and on"

struct RecoveryTiming {
  milliseconds between_radio = std::chrono::minutes(2);
  milliseconds between_reboots = std::chrono::minutes(10);
  milliseconds between_reauthorisations = std::chrono::minutes(30);
  milliseconds calm = std::chrono::hours(1);        // after which it counts as well again
  milliseconds settled = std::chrono::minutes(10);  // who worked for so long begins at the first step again
  milliseconds unit = seconds(15);                  // for root's unit to take a request
  modem::ResetTimes reset;
};

// Which step is next. Pure.
class Ladder {
 public:
  explicit Ladder(const RecoveryTiming& timing) : timing_(timing) {}
  // One more failure in a row, at `now`.
  [[nodiscard]] Remedy failed(SteadyTime now);
  void works() { failures_ = 0; }

 private:
  RecoveryTiming timing_;
  int failures_ = 0;
  std::optional<SteadyTime> radio_, reboot_, reauthorise_;  // when each was tried last
};

// Belongs to one modem's thread.
class Recovery {
 public:
  // The store is borrowed. `request` is the file by which the unit of root's is asked; empty: there is none.
  // Nothing is waited for once `stopping`; borrowed.
  Recovery(const modem::ModemOptions& modem, std::string request, store::Store& store,
           const std::atomic<bool>& stopping, const RecoveryTiming& timing);

  // The modem could not be opened, or was lost; carries out what is next. Takes as long as that. An error
  // that says that the modem is not there, or waits for a person, asks for nothing. StorageError.
  void failed(const Error& error);
  // It is open, on this device.
  void works(const std::string& device);
  // From time to time while it is: a condition that is over ends. StorageError.
  void look();

 private:
  [[nodiscard]] Result<void> carry_out(Remedy remedy);
  [[nodiscard]] Result<std::string> port_now() const;
  [[nodiscard]] Result<void> ask_root();
  void note(const std::string& what);

  std::string modem_, tag_, request_;
  store::Store& store_;
  const std::atomic<bool>& stopping_;
  modem::UsbTree usb_;
  int baud_;
  RecoveryTiming timing_;
  Ladder ladder_;
  std::string device_;                         // by which it was open last; empty: it never was
  std::optional<modem::UsbSerialPort> stick_;  // the port of a USB device that it was
  std::optional<SteadyTime> works_since_;
  bool is_noted_ = false;
};

}  // namespace pigeon::transport
