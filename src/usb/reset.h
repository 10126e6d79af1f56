// Taking a hung stick off the USB and putting it back, as if a hand had unplugged it: the last step of the
// recovery ladder (transport/recovery.h). Root's part of it, so it believes nothing that it is told: the
// request comes from a daemon that strangers text to.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "modem/port/usb_ports.h"

namespace pigeon::usb {

// The USB device that the request file at `path` names, as "1-1.4"; the file is taken away, whatever is in
// it. Errc::bad_input: no plain file of one such line. Never follows a link.
[[nodiscard]] Result<std::string> take_request(const std::string& path);

// De-authorises the device, and authorises it again after `pause`. Errc::not_found: it is not there;
// unsupported: it has no serial port, so it is no modem of ours (a disk, a network card, a hub).
[[nodiscard]] Result<void> reset_device(const std::string& usb_path, const modem::UsbTree& tree = {},
                                        milliseconds pause = seconds(2));

}  // namespace pigeon::usb
