// Bringing a modem to its senses that is there and does not answer: what is written blindly, because no
// answer can be hoped for. Opens the port itself; nobody else may hold it.
#pragma once

#include <atomic>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace pigeon::modem {

// TS 27.007 §8.2.
enum class ModemReset {
  radio,   // AT+CFUN=4, then AT+CFUN=1: keeps the SIM and the USB device
  reboot,  // AT+CFUN=1,1: the USB device goes and comes back
};

struct ResetTimes {
  milliseconds answer{3000};  // for a final result, which need not come
  milliseconds quiet{200};    // between leaving a text entry and the command
};

// Leaves a text entry that the modem may be in, and writes the command's lines; how they are answered does
// not matter, but a radio that is not seen to be on is switched on once more. `device` is its port's path
// now, at `baud`. Nothing is begun once `stopping`. Errors are the port's: it cannot be opened
// (SerialPort::open), is gone or takes no bytes.
[[nodiscard]] Result<void> reset_modem(const std::string& device, int baud, ModemReset how,
                                       const std::atomic<bool>& stopping, const ResetTimes& times = {});

}  // namespace pigeon::modem
