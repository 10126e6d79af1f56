// Sorting what is plugged in; see candidates.h.
#include "modem/driver/candidates.h"

#include <algorithm>

#include "modem/driver/profile.h"

namespace pigeon::modem {
namespace {

Candidate candidate_of(const UsbSerialPort& port) {
  Candidate candidate{.device = port.device,
                      .usb_path = port.usb_path,
                      .vendor = port.vendor,
                      .product = port.product,
                      .interface_number = port.interface_number,
                      .family = family_of_device(port.vendor, port.product),
                      .obstacle = {}};
  return candidate;
}

}  // namespace

std::vector<Candidate> list_candidates(const UsbTree& tree) {
  const auto ports = list_usb_serial_ports(tree);
  const auto speaking = at_ports(ports);
  std::vector<Candidate> found;
  found.reserve(ports.size());
  for (const UsbSerialPort& port : speaking) {
    found.push_back(candidate_of(port));
  }
  for (const UsbSerialPort& port : ports) {
    const auto is_it = [&](const UsbSerialPort& other) { return other.device == port.device; };
    if (std::any_of(speaking.begin(), speaking.end(), is_it)) continue;
    found.push_back(candidate_of(port));
    found.back().obstacle = found.back().family.empty() ? Cause::unknown_device : Cause::other_port;
  }
  for (const UsbDevice& device : list_usb_devices(tree)) {
    const auto cause = why_no_port(device);
    if (!cause) continue;
    found.push_back({.device = {},
                     .usb_path = device.usb_path,
                     .vendor = device.vendor,
                     .product = device.product,
                     .interface_number = -1,
                     .family = family_of_device(device.vendor, device.product),
                     .obstacle = cause});
  }
  std::stable_sort(found.begin(), found.end(), [](const Candidate& one, const Candidate& other) {
    return one.usb_path < other.usb_path;
  });
  return found;
}

}  // namespace pigeon::modem
