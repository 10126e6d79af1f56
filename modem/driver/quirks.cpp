// The table of families. A new modem is a new row; see quirks.h.
#include "modem/driver/quirks.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace pigeon::modem {
namespace {

constexpr int kIf1[] = {1};
constexpr int kIf2[] = {2};
constexpr int kIf2And3[] = {2, 3};
constexpr int kIf3[] = {3};
constexpr int kIf4[] = {4};
constexpr int kIf4And5[] = {4, 5};
constexpr int kIf1And2[] = {1, 2};
constexpr int kIf6[] = {6};

constexpr std::string_view kHuaweiMakers[] = {"huawei"};
constexpr UsbProduct kHuaweiProducts[] = {{0x12d1, kAnyProduct, {}}};
constexpr InitCommand kHuaweiInit[] = {{"AT^CURC=0", "AT^CURC?", "0"}};

constexpr std::string_view kBroviMakers[] = {"brovi"};
constexpr UsbProduct kBroviProducts[] = {{0x3566, 0x2001, {}}};

constexpr std::string_view kZteMakers[] = {"zte"};
constexpr UsbProduct kZteProducts[] = {{0x19d2, kAnyProduct, {}}};
constexpr InitCommand kZteInit[] = {{"AT+ZOPRT=5", "AT+ZOPRT?", "5"}};

constexpr std::string_view kQuectelMakers[] = {"quectel"};
constexpr UsbProduct kQuectelProducts[] = {{0x2c7c, kAnyProduct, kIf2And3}};
constexpr InitCommand kQuectelInit[] = {
    {"AT+QURCCFG=\"urcport\",\"all\"", "AT+QURCCFG=\"urcport\"", "urcport,all"}};

constexpr std::string_view kSimcomMakers[] = {"simcom", "sim7", "a76"};
constexpr UsbProduct kSimcomProducts[] = {{0x1e0e, 0x9001, kIf2},
                                          {0x1e0e, 0x9011, kIf4},
                                          {0x1e0e, 0x9205, kIf2},
                                          {0x1e0e, 0x9206, kIf2},
                                          {0x1e0e, kAnyProduct, kIf2}};

constexpr std::string_view kSierraMakers[] = {"sierra"};
constexpr UsbProduct kSierraProducts[] = {{0x1199, kAnyProduct, kIf3}};

constexpr std::string_view kTelitMakers[] = {"telit"};
constexpr UsbProduct kTelitProducts[] = {{0x1bc7, 0x1201, kIf4And5},
                                         {0x1bc7, 0x1031, kIf1And2},
                                         {0x1bc7, 0x1033, kIf1And2},
                                         {0x1bc7, kAnyProduct, {}}};

constexpr std::string_view kUbloxMakers[] = {"u-blox", "ublox"};
constexpr UsbProduct kUbloxProducts[] = {{0x1546, 0x1010, kIf6}, {0x05c6, 0x908b, kIf1}};

constexpr Family kFamilies[] = {
    {"generic", {}, {}, {}},
    {"huawei", kHuaweiMakers, kHuaweiProducts, kHuaweiInit},
    {"brovi", kBroviMakers, kBroviProducts, kHuaweiInit},
    {"zte", kZteMakers, kZteProducts, kZteInit},
    {"quectel", kQuectelMakers, kQuectelProducts, kQuectelInit, seconds(0), "AT+CNMA=1"},
    {"simcom", kSimcomMakers, kSimcomProducts, {}, seconds(0), {}},
    {"sierra", kSierraMakers, kSierraProducts, {}},
    {"telit", kTelitMakers, kTelitProducts, {}},
    {"u-blox", kUbloxMakers, kUbloxProducts, {}, seconds(20)},
};

struct KnownProduct {
  const Family* family = nullptr;
  const UsbProduct* product = nullptr;
};

// The row that knows this very product before one that knows only the vendor.
KnownProduct find_product(std::uint16_t vendor, std::uint16_t product) {
  KnownProduct of_vendor;
  for (const Family& family : kFamilies) {
    for (const UsbProduct& known : family.products) {
      if (known.vendor != vendor) continue;
      if (known.product == product) return {&family, &known};
      if (known.product == kAnyProduct) of_vendor = {&family, &known};
    }
  }
  return of_vendor;
}

// Lower is better; nothing when this port does not speak AT. Huawei marks its AT ports by class ff, subclass
// 01 or 02: protocol 02 or 12 is the control port, 01 or 10 the data port; diagnostics and voice have others.
std::optional<int> at_rank(const UsbSerialPort& port, const UsbProduct& product) {
  if (!product.at_interfaces.empty() && port.interface_number >= 0) {
    const auto at =
        std::find(product.at_interfaces.begin(), product.at_interfaces.end(), port.interface_number);
    if (at == product.at_interfaces.end()) return std::nullopt;
    return static_cast<int>(at - product.at_interfaces.begin());
  }
  const bool marked = port.interface_subclass >= 1 && port.interface_subclass <= 3;
  const int protocol = port.interface_protocol;
  if (marked && (protocol == 0x02 || protocol == 0x12)) return 0;
  if (marked && (protocol == 0x01 || protocol == 0x10)) return 100;
  return 200 + std::max(port.interface_number, 0);
}

// A stick that never shows an AT port as it is.
struct Advice {
  std::uint16_t vendor, product;
  Cause cause;
  std::string_view text;
};
constexpr Advice kAdvice[] = {
    {0x12d1, 0x1f01, Cause::storage_mode,
     "a Huawei stick that still shows itself as storage: install usb-modeswitch and plug it in again"},
    {0x12d1, 0x14fe, Cause::storage_mode,
     "a Huawei stick that still shows itself as storage: install usb-modeswitch and plug it in again"},
    {0x12d1, 0x14dc, Cause::hilink,
     "a Huawei HiLink stick: it is a network card without an AT port; it needs stick firmware"},
    {0x12d1, 0x14db, Cause::hilink,
     "a Huawei HiLink stick: it is a network card without an AT port; it needs stick firmware"},
    {0x19d2, 0x1405, Cause::network_mode, "a ZTE network stick (MF823): it has no AT port"},
    {0x19d2, 0x1225, Cause::storage_mode,
     "a ZTE stick that still shows itself as storage: install usb-modeswitch and plug it in again"},
};

const Advice* advice_on(std::uint16_t vendor, std::uint16_t product) {
  const auto* found = std::find_if(std::begin(kAdvice), std::end(kAdvice), [&](const Advice& advice) {
    return advice.vendor == vendor && advice.product == product;
  });
  return found == std::end(kAdvice) ? nullptr : found;
}

// On a stick of a known family without a serial port.
std::optional<std::string_view> advice_on_interfaces(const UsbDevice& device) {
  const auto cause = why_no_port(device);
  if (cause == Cause::network_mode)
    return "a stick that shows itself as a network card: it has no AT port as it is";
  if (cause == Cause::storage_mode)
    return "a stick that still shows itself as storage: install usb-modeswitch and plug it in again";
  if (cause == Cause::no_driver)
    return "a modem without serial ports: has the kernel its driver (option, qcserial or cdc_acm)?";
  return std::nullopt;
}

struct RankedPort {
  UsbSerialPort port;
  int rank = 0;
};

}  // namespace

std::span<const Family> families() {
  return kFamilies;
}

const Family& generic_family() {
  return kFamilies[0];
}

const Family& family_of(std::string_view manufacturer, std::string_view model) {
  const std::string maker = ascii_lower(manufacturer);
  const std::string name = ascii_lower(model);
  for (const Family& family : kFamilies) {
    for (const std::string_view piece : family.makers) {
      if (maker.find(piece) != std::string::npos || name.starts_with(piece)) return family;
    }
  }
  return generic_family();
}

std::vector<UsbSerialPort> at_ports(std::span<const UsbSerialPort> ports) {
  std::vector<RankedPort> ranked;
  for (const UsbSerialPort& port : ports) {
    const KnownProduct known = find_product(port.vendor, port.product);
    if (!known.product) continue;
    if (const auto rank = at_rank(port, *known.product)) ranked.push_back({port, *rank});
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const RankedPort& a, const RankedPort& b) {
    return a.port.usb_path != b.port.usb_path ? a.port.usb_path < b.port.usb_path : a.rank < b.rank;
  });
  std::vector<UsbSerialPort> best_first;
  best_first.reserve(ranked.size());
  for (RankedPort& entry : ranked) best_first.push_back(std::move(entry.port));
  return best_first;
}

seconds boot_time(std::uint16_t vendor, std::uint16_t product) {
  const KnownProduct known = find_product(vendor, product);
  return known.family ? known.family->boot_time : seconds(0);
}

std::string_view family_of_device(std::uint16_t vendor, std::uint16_t product) {
  const KnownProduct known = find_product(vendor, product);
  return known.family ? known.family->name : std::string_view();
}

std::optional<Cause> why_no_port(const UsbDevice& device) {
  if (const Advice* advice = advice_on(device.vendor, device.product)) return advice->cause;
  if (device.has_serial || !find_product(device.vendor, device.product).family) return std::nullopt;
  if (device.has_network) return Cause::network_mode;
  return device.has_storage ? Cause::storage_mode : Cause::no_driver;
}

std::optional<std::string_view> usb_advice(std::uint16_t vendor, std::uint16_t product) {
  const Advice* advice = advice_on(vendor, product);
  return advice != nullptr ? std::optional(advice->text) : std::nullopt;
}

std::vector<std::string> usb_stick_advice(std::span<const UsbDevice> devices) {
  std::vector<std::string> advice;
  for (const UsbDevice& device : devices) {
    const auto& [vendor, product] = std::pair(device.vendor, device.product);
    auto text = usb_advice(vendor, product);
    if (!text) text = advice_on_interfaces(device);
    if (!text) continue;
    const std::uint8_t id[] = {static_cast<std::uint8_t>(vendor >> 8), static_cast<std::uint8_t>(vendor),
                               static_cast<std::uint8_t>(product >> 8), static_cast<std::uint8_t>(product)};
    const std::string hex = ascii_lower(to_hex(id));
    advice.push_back("USB device " + hex.substr(0, 4) + ":" + hex.substr(4) + " is " + std::string(*text));
  }
  return advice;
}

}  // namespace pigeon::modem
