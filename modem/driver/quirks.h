// What modem families do differently, as data: USB ids, AT interfaces and init commands. One row a
// family; code elsewhere asks the row and never the vendor's name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "modem/causes/cause.h"
#include "modem/port/usb_ports.h"

namespace pigeon::modem {

inline constexpr std::uint16_t kAnyProduct = 0;

// A product and the USB interfaces that speak AT, the best one first.
struct UsbProduct {
  std::uint16_t vendor = 0;
  std::uint16_t product = kAnyProduct;
  std::span<const int>
      at_interfaces;  // empty: by interface class (see at_ports), else every port of the device
};

// A setting of the maker's own, and the question that tells whether it is written already.
struct InitCommand {
  std::string_view set;       // AT^CURC=0
  std::string_view question;  // AT^CURC?
  std::string_view answer;    // what its fields begin with then: "0"
};

struct Family {
  std::string_view name;
  std::span<const std::string_view> makers;  // lower-case pieces of the answers to +CGMI and +CGMM
  std::span<const UsbProduct> products;
  std::span<const InitCommand> init_commands;  // seen to on every bring-up; a refusal does not matter
  seconds boot_time{0};                        // how long it may be deaf after power-up
  // What acknowledges +CMT and +CDS where AT+CSMS=1 holds (TS 27.005 §3.4.4); empty: nothing does, use 0.
  std::string_view acknowledgement = "AT+CNMA=0";
};

// Every row, the generic one first; static, so spans and references stay good.
[[nodiscard]] std::span<const Family> families();
// The row without quirks, for what nobody claims.
[[nodiscard]] const Family& generic_family();
// By what the modem says of itself; generic when nobody claims it.
[[nodiscard]] const Family& family_of(std::string_view manufacturer, std::string_view model);

// The ports among `ports` that should speak AT, best first, all of one stick together. Ports of devices in no
// family are left out: nobody wants AT commands on a 3D printer.
[[nodiscard]] std::vector<UsbSerialPort> at_ports(std::span<const UsbSerialPort> ports);

// How long the device may be deaf after power-up; 0 for what is in no family.
[[nodiscard]] seconds boot_time(std::uint16_t vendor, std::uint16_t product);

// The family of a device by its ids alone ("huawei"); empty: of none.
[[nodiscard]] std::string_view family_of_device(std::uint16_t vendor, std::uint16_t product);

// Why a stick shows no AT port: by its ids, else, if it is of a known family and has no serial port, by what
// it shows. Nothing for every other device.
[[nodiscard]] std::optional<Cause> why_no_port(const UsbDevice& device);

// Advice on a USB device that will never show an AT port as it is: still in storage mode, or a network
// device.
[[nodiscard]] std::optional<std::string_view> usb_advice(std::uint16_t vendor, std::uint16_t product);

// The same for every device among `devices` that deserves it, one sentence each ("USB device 12d1:14dc is a
// Huawei HiLink stick: …"): by its ids, else, if it is of a known family and shows no serial port, by what it
// shows.
[[nodiscard]] std::vector<std::string> usb_stick_advice(std::span<const UsbDevice> devices);

}  // namespace pigeon::modem
