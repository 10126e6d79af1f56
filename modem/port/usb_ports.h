// What sits on USB, as the kernel tells it: serial ports with the interface they belong to, and devices.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pigeon::modem {

// Where the kernel tells it; tests make up a tree of their own.
struct UsbTree {
  std::string sys = "/sys";
  std::string dev = "/dev";
};

// One tty of a USB device, as the system lists it.
struct UsbSerialPort {
  std::string device;    // "/dev/ttyUSB2"
  std::string usb_path;  // "1-1.4": ports of one stick share it
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  int interface_number = -1;  // -1: unknown
  int interface_subclass = -1;
  int interface_protocol = -1;
};

// A plugged-in device, whether it shows a serial port or not.
struct UsbDevice {
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::string usb_path = {};  // "1-1.4"
  bool has_serial = false;    // it has a tty
  bool has_storage = false;   // an interface of it is a disk
  bool has_network = false;   // an interface of it is a network card
};

// Every tty that sits on USB, in the order of their names.
[[nodiscard]] std::vector<UsbSerialPort> list_usb_serial_ports(const UsbTree& tree = {});

// Every USB device in the kernel's list; a tree that is not there holds none.
[[nodiscard]] std::vector<UsbDevice> list_usb_devices(const UsbTree& tree = {});

}  // namespace pigeon::modem
