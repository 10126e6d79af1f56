// Reading sysfs; see usb_ports.h.
#include "modem/port/usb_ports.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

#include "base/file.h"
#include "base/text.h"

namespace pigeon::modem {
namespace {

namespace fs = std::filesystem;

// sysfs attributes are hexadecimal without a prefix.
std::optional<int> hex_attribute(const fs::path& path) {
  const auto content = read_file(path.string(), 64);
  if (!content) return std::nullopt;
  const std::string_view text = trim(*content);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What vanishes while it is read, as a stick that is pulled does, ends the list early.
std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    entries.push_back(entry->path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

// A tty's sysfs device is the USB interface (ttyACM) or a child of it (ttyUSB); the interface's folder lies
// in that of its USB device.
std::optional<UsbSerialPort> usb_port(const fs::path& tty, const UsbTree& tree) {
  std::error_code error;
  fs::path folder = fs::canonical(tty / "device", error);
  for (int level = 0; level < 2 && !error; ++level, folder = folder.parent_path()) {
    const auto number = hex_attribute(folder / "bInterfaceNumber");
    if (!number) continue;
    const fs::path device = folder.parent_path();
    const auto vendor = hex_attribute(device / "idVendor");
    const auto product = hex_attribute(device / "idProduct");
    if (!vendor || !product) return std::nullopt;
    UsbSerialPort port;
    port.device = tree.dev + "/" + tty.filename().string();
    port.usb_path = device.filename().string();
    port.vendor = static_cast<std::uint16_t>(*vendor);
    port.product = static_cast<std::uint16_t>(*product);
    port.interface_number = *number;
    port.interface_subclass = hex_attribute(folder / "bInterfaceSubClass").value_or(-1);
    port.interface_protocol = hex_attribute(folder / "bInterfaceProtocol").value_or(-1);
    return port;
  }
  return std::nullopt;
}

// USB's numbers of classes: 08 is storage; 02 with 06, 0d or 0e a network card (ECM, NCM, MBIM), and e0 and
// ef are RNDIS, Windows' kind of one.
void add_interface(UsbDevice& device, const fs::path& interface) {
  const int kind = hex_attribute(interface / "bInterfaceClass").value_or(-1);
  const int subclass = hex_attribute(interface / "bInterfaceSubClass").value_or(-1);
  if (kind == 0x08) device.has_storage = true;
  if (kind == 0xe0 || kind == 0xef) device.has_network = true;
  if (kind == 0x02 && (subclass == 0x06 || subclass == 0x0d || subclass == 0x0e)) device.has_network = true;
}

}  // namespace

std::vector<UsbSerialPort> list_usb_serial_ports(const UsbTree& tree) {
  std::vector<UsbSerialPort> found;
  for (const fs::path& tty : entries_of(fs::path(tree.sys) / "class/tty")) {
    if (auto port = usb_port(tty, tree)) found.push_back(std::move(*port));
  }
  return found;
}

std::vector<UsbDevice> list_usb_devices(const UsbTree& tree) {
  std::map<std::string, UsbDevice> by_path;
  const auto entries = entries_of(fs::path(tree.sys) / "bus/usb/devices");
  for (const fs::path& entry : entries) {
    const auto vendor = hex_attribute(entry / "idVendor");
    const auto product = hex_attribute(entry / "idProduct");
    if (!vendor || !product) continue;
    const std::string path = entry.filename().string();
    by_path[path] = {static_cast<std::uint16_t>(*vendor), static_cast<std::uint16_t>(*product), path};
  }
  for (const fs::path& entry : entries) {  // "1-1.4:1.0" is an interface of "1-1.4"
    const std::string name = entry.filename().string();
    const auto device = by_path.find(name.substr(0, name.find(':')));
    if (device != by_path.end() && name != device->first) add_interface(device->second, entry);
  }
  for (const UsbSerialPort& port : list_usb_serial_ports(tree)) {
    if (const auto device = by_path.find(port.usb_path); device != by_path.end())
      device->second.has_serial = true;
  }
  std::vector<UsbDevice> found;
  found.reserve(by_path.size());
  for (auto& [path, device] : by_path) found.push_back(std::move(device));
  return found;
}

}  // namespace pigeon::modem
