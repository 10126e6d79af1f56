// What modem families do differently, as data: one entry a family, in profiles.cpp. Code elsewhere asks the
// entry and never the vendor's name. What no entry says is taken from every modem alike: each form of the
// prompt, status reports with and without a service centre in front, each wording of a final result.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "modem/at/at_values.h"
#include "modem/at/urc.h"
#include "modem/at/ussd.h"
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

// A product that will never show an AT port as it is, and what to do about that.
struct PortlessProduct {
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  Cause cause = Cause::no_driver;
  std::string_view advice;
};

// What a modem of the family says of itself, in lower case; each piece that is not empty has to be there.
struct Signature {
  std::string_view maker;     // in the answer to +CGMI, or at the beginning of that to +CGMM
  std::string_view model;     // in the answer to +CGMM
  std::string_view firmware;  // in the answer to +CGMR
};

// A setting of the maker's own, and the question that tells whether it is written already.
struct InitCommand {
  std::string_view set;       // AT^CURC=0
  std::string_view question;  // AT^CURC?
  std::string_view answer;    // what its fields begin with then: "0"
};

// Store first, then tell, and status reports directly (+CDS): direct +CMT loses texts while the host is away,
// and stored reports lie where some firmware cannot read them. Then what firmware accepts that refuses the
// best.
inline constexpr CnmiSettings kUsualIndications[] = {{2, 1, 0, 1, 0}, {2, 1, 0, 2, 0}, {2, 1, 0, 0, 0},
                                                     {1, 1, 0, 1, 0}, {1, 1, 0, 2, 0}, {1, 1, 0, 0, 0}};
inline constexpr std::string_view kUsualStorages[] = {"SM", "ME", "MT"};

struct Profile {
  std::string_view name;
  std::span<const Signature>
      signatures;  // the entry whose signature fits with the most letters has the modem
  std::span<const UsbProduct> products;
  std::span<const PortlessProduct> portless{};
  std::span<const InitCommand> init_commands{};  // seen to on every bring-up; a refusal does not matter
  std::span<const VendorUrc> urcs{};  // what it says unasked and no standard knows, first match wins
  // AT+CNMI, the best first; what =? allows goes before the rest.
  std::span<const CnmiSettings> indications = kUsualIndications;
  // Where texts are to arrive when they do not in one of these already.
  std::span<const std::string_view> storages = kUsualStorages;
  int fewest_storages = 1;  // AT+CPMS= with fewer names is not tried
  // Makes a storage readable whose +CMGL is refused with +CMS ERROR: 321 while it holds nothing; empty: none
  // needed.
  std::string_view opens_storage{};
  // What acknowledges +CMT and +CDS where AT+CSMS=1 holds (TS 27.005 §3.4.4); empty: nothing does, use 0.
  std::string_view acknowledgement = "AT+CNMA=0";
  UssdForm ussd = UssdForm::plain;  // of AT+CUSD, tried first
  seconds boot_time{0};             // how long it may be deaf after power-up
};

// Every entry, the generic one first; static, so spans and references stay good.
[[nodiscard]] std::span<const Profile> profiles();
// The entry without quirks, for what nobody claims.
[[nodiscard]] const Profile& generic_profile();
// By what the modem says of itself; generic when nobody claims it.
[[nodiscard]] const Profile& profile_of(std::string_view manufacturer, std::string_view model,
                                        std::string_view revision);

// What modems of every entry say: for a modem that has not told yet who it is, and one that nobody
// claims.
[[nodiscard]] std::span<const VendorUrc> urcs_of_all();
// What a channel to such a modem has to know: the entry's own, and all of them for the generic one.
[[nodiscard]] std::span<const VendorUrc> urcs_of(const Profile& profile);

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
