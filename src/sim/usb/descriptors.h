// What a USB host reads of a stick: its descriptors, octet for octet (USB 2.0 §9.6; CDC 1.2 §5.2.3 for the
// functional ones), and which end point belongs to which interface.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/usb/usb_stick.h"

namespace pigeon::sim {

struct EndPoint {
  enum class Kind : std::uint8_t { bulk = 2, interrupt = 3 };  // as in bmAttributes
  std::uint8_t address = 0;                                    // 0x80 is set: towards the host
  Kind kind = Kind::bulk;
  std::uint16_t packet_size = 0;
  int interface_number = 0;
  int alternate = 0;  // in this setting of the interface only
};

// In the order of the descriptors. Numbers run through the stick as makers give them: 81, 01; 83, 82, 02; …
[[nodiscard]] std::vector<EndPoint> end_points(const UsbStick& stick);

[[nodiscard]] std::string device_descriptor(const UsbStick& stick);
// With everything that belongs to it: associations, interfaces, functional descriptors, end points.
[[nodiscard]] std::string configuration_descriptor(const UsbStick& stick);
// String `index` in UTF-16; 0: the languages; empty: there is none.
[[nodiscard]] std::string string_descriptor(const UsbStick& stick, int index);

}  // namespace pigeon::sim
