// A tree like the kernel's /sys and /dev with sticks that do not exist: their ports are pseudo-terminals.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "modem/port/usb_ports.h"
#include "tests/temp_folder.h"

namespace pigeon::test {

class MadeUpUsb {
 public:
  MadeUpUsb() {
    for (const char* folder : {"sys/class/tty", "sys/bus/usb/devices", "sys/devices", "dev"})
      std::filesystem::create_directories(folder_.file(folder));
  }

  [[nodiscard]] modem::UsbTree tree() const { return {folder_.file("sys"), folder_.file("dev")}; }

  // `usb_path` is "1-1.2"; vendor and product as lsusb writes them.
  void plug_in(const std::string& usb_path, const std::string& vendor, const std::string& product) {
    write(device(usb_path) / "idVendor", vendor);
    write(device(usb_path) / "idProduct", product);
    link(device(usb_path), "sys/bus/usb/devices/" + usb_path);
  }

  // Class, subclass and protocol in hexadecimal: "ff0201".
  void add_interface(const std::string& usb_path, int number, const std::string& triple = "ffffff") {
    const auto folder = interface(usb_path, number);
    write(folder / "bInterfaceNumber", "0" + std::to_string(number));
    write(folder / "bInterfaceClass", triple.substr(0, 2));
    write(folder / "bInterfaceSubClass", triple.substr(2, 2));
    write(folder / "bInterfaceProtocol", triple.substr(4, 2));
    link(folder, "sys/bus/usb/devices/" + folder.filename().string());
  }

  // An interface with a tty: under the interface where it is a ttyACM, under a port of it where it is a
  // ttyUSB.
  void add_port(const std::string& usb_path, int number, const std::string& tty,
                const std::string& pty = "/dev/null", const std::string& triple = "ffffff") {
    add_interface(usb_path, number, triple);
    auto port = interface(usb_path, number);
    if (tty.starts_with("ttyUSB")) port /= tty;
    std::filesystem::create_directories(port / "tty" / tty);
    std::filesystem::create_directory_symlink(port, port / "tty" / tty / "device");
    link(port / "tty" / tty, "sys/class/tty/" + tty);
    link(pty, "dev/" + tty);
  }

  void pull_out_everything() {
    for (const char* folder : {"sys/class/tty", "sys/bus/usb/devices", "sys/devices", "dev"}) {
      std::filesystem::remove_all(folder_.file(folder));
      std::filesystem::create_directories(folder_.file(folder));
    }
  }

 private:
  [[nodiscard]] std::filesystem::path device(const std::string& usb_path) const {
    return std::filesystem::path(folder_.file("sys/devices")) / usb_path;
  }
  [[nodiscard]] std::filesystem::path interface(const std::string& usb_path, int number) const {
    return device(usb_path) / (usb_path + ":1." + std::to_string(number));
  }
  static void write(const std::filesystem::path& file, const std::string& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text << '\n';
  }
  void link(const std::filesystem::path& target, const std::string& name) const {
    std::filesystem::create_symlink(target, folder_.file(name));
  }

  TempFolder folder_;
};

}  // namespace pigeon::test
