// Finding a modem's entry in the table (profiles.cpp) and its ports on USB; see profile.h.
#include "modem/driver/profile.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace pigeon::modem {
namespace {

struct KnownProduct {
  const Profile* profile = nullptr;
  const UsbProduct* product = nullptr;
};

// The row that knows this very product before one that knows only the vendor.
KnownProduct find_product(std::uint16_t vendor, std::uint16_t product) {
  KnownProduct of_vendor;
  for (const Profile& profile : profiles()) {
    for (const UsbProduct& known : profile.products) {
      if (known.vendor != vendor) continue;
      if (known.product == product) return {&profile, &known};
      if (known.product == kAnyProduct) of_vendor = {&profile, &known};
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

const PortlessProduct* find_portless(std::uint16_t vendor, std::uint16_t product) {
  for (const Profile& profile : profiles()) {
    for (const PortlessProduct& known : profile.portless) {
      if (known.vendor == vendor && known.product == product) return &known;
    }
  }
  return nullptr;
}

// How many letters of a signature the modem's own words show; 0 when one of its pieces is not there.
std::size_t fit(const Signature& signature, std::string_view maker, std::string_view model,
                std::string_view firmware) {
  const auto holds = [](std::string_view words, std::string_view piece) {
    return words.find(piece) != std::string_view::npos;
  };
  const bool is_maker = holds(maker, signature.maker) || model.starts_with(signature.maker);
  const bool fits = is_maker && holds(model, signature.model) && holds(firmware, signature.firmware);
  return fits ? signature.maker.size() + signature.model.size() + signature.firmware.size() : 0;
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

const Profile& profile_of(std::string_view manufacturer, std::string_view model, std::string_view revision) {
  const std::string maker = ascii_lower(manufacturer);
  const std::string name = ascii_lower(model);
  const std::string firmware = ascii_lower(revision);
  const Profile* best = &generic_profile();
  std::size_t most = 0;
  for (const Profile& profile : profiles()) {
    for (const Signature& signature : profile.signatures) {
      const std::size_t letters = fit(signature, maker, name, firmware);
      if (letters <= most) continue;
      most = letters;
      best = &profile;
    }
  }
  return *best;
}

std::span<const VendorUrc> urcs_of_all() {
  static const std::vector<VendorUrc> all = [] {
    std::vector<VendorUrc> urcs;
    for (const Profile& profile : profiles())
      urcs.insert(urcs.end(), profile.urcs.begin(), profile.urcs.end());
    return urcs;
  }();
  return all;
}

std::span<const VendorUrc> urcs_of(const Profile& profile) {
  return profile.name == generic_profile().name ? urcs_of_all() : profile.urcs;
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
  return known.profile ? known.profile->boot_time : seconds(0);
}

std::string_view family_of_device(std::uint16_t vendor, std::uint16_t product) {
  const KnownProduct known = find_product(vendor, product);
  return known.profile ? known.profile->name : std::string_view();
}

std::optional<Cause> why_no_port(const UsbDevice& device) {
  if (const PortlessProduct* known = find_portless(device.vendor, device.product)) return known->cause;
  if (device.has_serial || !find_product(device.vendor, device.product).profile) return std::nullopt;
  if (device.has_network) return Cause::network_mode;
  return device.has_storage ? Cause::storage_mode : Cause::no_driver;
}

std::optional<std::string_view> usb_advice(std::uint16_t vendor, std::uint16_t product) {
  const PortlessProduct* known = find_portless(vendor, product);
  return known != nullptr ? std::optional(known->advice) : std::nullopt;
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
