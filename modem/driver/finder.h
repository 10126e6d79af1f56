// Which port a modem's url means, and whether a modem answers on it. A port that is named is opened as it is;
// serial:auto and serial:imei=… are looked for among the USB ports that known families speak AT on, and
// nothing is ever written to another port: a GPS receiver or a programming cable is somebody else's.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "modem/at/at_channel.h"
#include "modem/driver/serial_modem.h"
#include "modem/driver/sticks.h"
#include "modem/port/serial_port.h"

namespace pigeon::modem {

struct FoundModem {
  AtChannel channel;  // in step: a modem has answered AT on it
  StickHold hold;     // to be kept for as long as the channel
  std::string imei;   // where it was asked; bring-up need not ask again
};

// Errc::not_found: no such port, or no modem on USB, with what was tried; conflict: another program, or
// another modem of this process, has the stick; unsupported: nothing answers AT on the port that is named, or
// on the one on which this modem was last; denied: no permission. A port whose permissions udev is still
// setting is waited for. `address` is of `options.url`.
[[nodiscard]] Result<FoundModem> find_modem(const ModemOptions& options, const PortAddress& address);

// Another port of the same stick that should speak AT, opened as SerialPort::open() says, and waited for like
// the first one; nothing is written to it. Nothing: the stick has none.
[[nodiscard]] std::optional<Result<SerialPort>> open_second_port(const ModemOptions& options,
                                                                 const StickHold& stick);

}  // namespace pigeon::modem
