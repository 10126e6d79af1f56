// The USB side of real modems as data: ids, interfaces and end points, by which a kernel chooses its drivers
// and the box its port. One row a stick; descriptors.h makes of it what a host reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace pigeon::sim {

// End points of an interface, apart from the control end point of the whole device.
enum class EndPoints {
  none,
  interrupt,           // one towards the host
  bulk,                // one in each direction
  bulk_and_interrupt,  // both of these
  bulk_on_demand,      // as bulk, but only in the alternate setting 1 (networks)
};

// Numbers of USB's classes: 02 communications, 08 storage, 0a data, e0 wireless, ff the maker's own.
struct UsbInterface {
  int number = 0;  // may have gaps
  std::uint8_t kind = 0;
  std::uint8_t subclass = 0;
  std::uint8_t protocol = 0;
  EndPoints end_points = EndPoints::none;
};

struct UsbStick {
  std::string_view name;  // of --usb
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::string_view maker;   // also the answer to AT+CGMI
  std::string_view model;   // also that to AT+CGMM
  std::string_view serial;  // empty: the stick tells none
  std::span<const UsbInterface> interfaces;
  std::span<const int> at_interfaces{};  // where the simulated modem answers, a port each; empty: nowhere
  std::string_view switches_to{};  // what a stick in storage mode becomes when it is told to; empty: it stays
};

// The interface whose bulk end points carry AT: `at_interface`, one of the row's, or the data interface that
// follows it where it is a communications one (CDC).
[[nodiscard]] int data_interface(const UsbStick& stick, int at_interface);
// The AT ports of a stick and of what it may switch to, whichever has more.
[[nodiscard]] std::size_t most_at_ports(const UsbStick& stick);

// Every row; static, so references stay good.
[[nodiscard]] std::span<const UsbStick> usb_sticks();
// Null where there is none of that name.
[[nodiscard]] const UsbStick* find_usb_stick(std::string_view name);

}  // namespace pigeon::sim
