// Everything on USB that a modem could be, and why it is none, from what the kernel tells alone: nothing is
// opened. finder.h opens what is left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modem/causes/cause.h"
#include "modem/port/usb_ports.h"

namespace pigeon::modem {

struct Candidate {
  std::string device;    // "/dev/ttyUSB2"; empty: a stick without a serial port
  std::string usb_path;  // "1-1.4"
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  int interface_number = -1;
  std::string_view family;        // "huawei"; empty: of none
  std::optional<Cause> obstacle;  // nothing: AT is spoken on it, as far as the kernel shows
};

// Stick after stick; of one stick those that speak AT first, the best of them in front. Ports of devices in
// no family are in it, other devices are only where they are sticks without a port.
[[nodiscard]] std::vector<Candidate> list_candidates(const UsbTree& tree = {});

}  // namespace pigeon::modem
