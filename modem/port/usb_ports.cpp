// Reading libserialport and sysfs; see usb_ports.h.
#include "modem/port/usb_ports.h"

#include <libserialport.h>

#include <charconv>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include "base/file.h"
#include "base/text.h"

namespace pigeon::modem {
namespace {

namespace fs = std::filesystem;

struct PortListDeleter {
  void operator()(sp_port** list) const { sp_free_port_list(list); }
};

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

// A tty's sysfs device is the USB interface (ttyACM) or a child of it (ttyUSB).
void add_interface(UsbSerialPort& port) {
  std::error_code error;
  const std::string name = fs::path(port.device).filename().string();
  fs::path folder = fs::canonical("/sys/class/tty/" + name + "/device", error);
  for (int level = 0; level < 2 && !error; ++level, folder = folder.parent_path()) {
    const auto number = hex_attribute(folder / "bInterfaceNumber");
    if (!number) continue;
    port.interface_number = *number;
    port.interface_subclass = hex_attribute(folder / "bInterfaceSubClass").value_or(-1);
    port.interface_protocol = hex_attribute(folder / "bInterfaceProtocol").value_or(-1);
    port.usb_path = folder.parent_path().filename().string();
    return;
  }
}

}  // namespace

std::vector<UsbSerialPort> list_usb_serial_ports() {
  sp_port** raw = nullptr;
  if (sp_list_ports(&raw) != SP_OK) return {};
  const std::unique_ptr<sp_port*, PortListDeleter> list(raw);
  std::vector<UsbSerialPort> found;
  for (sp_port** port = list.get(); *port != nullptr; ++port) {
    int vendor = 0;
    int product = 0;
    if (sp_get_port_transport(*port) != SP_TRANSPORT_USB) continue;
    if (sp_get_port_usb_vid_pid(*port, &vendor, &product) != SP_OK) continue;
    UsbSerialPort entry;
    entry.device = sp_get_port_name(*port);
    entry.vendor = static_cast<std::uint16_t>(vendor);
    entry.product = static_cast<std::uint16_t>(product);
    add_interface(entry);
    found.push_back(std::move(entry));
  }
  return found;
}

std::vector<UsbDevice> list_usb_devices(const std::string& folder) {
  std::vector<UsbDevice> found;
  std::error_code error;
  for (const auto& device : fs::directory_iterator(folder, error)) {
    const auto vendor = hex_attribute(device.path() / "idVendor");
    const auto product = hex_attribute(device.path() / "idProduct");
    if (!vendor || !product) continue;
    found.push_back({static_cast<std::uint16_t>(*vendor), static_cast<std::uint16_t>(*product)});
  }
  return found;
}

}  // namespace pigeon::modem
