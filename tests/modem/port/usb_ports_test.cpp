// What sits on USB, read from a made-up tree.
#include "modem/port/usb_ports.h"

#include <doctest/doctest.h>

#include "tests/modem/made_up_usb.h"

using namespace pigeon::modem;
using pigeon::test::MadeUpUsb;

TEST_CASE("usb: ttyUSB and ttyACM with the interface and the device they belong to") {
  MadeUpUsb usb;
  usb.plug_in("1-1.4", "2c7c", "0125");
  usb.add_port("1-1.4", 2, "ttyUSB2", "/dev/null", "ff0102");
  usb.plug_in("2-1", "1546", "1010");
  usb.add_port("2-1", 6, "ttyACM1", "/dev/null", "020201");
  std::filesystem::create_directories(usb.tree().sys + "/class/tty/ttyS0/device");
  std::filesystem::create_directories(usb.tree().sys + "/class/tty/tty1");
  const auto ports = list_usb_serial_ports(usb.tree());
  REQUIRE(ports.size() == 2);
  CHECK(ports[0].device == usb.tree().dev + "/ttyACM1");
  CHECK(ports[0].usb_path == "2-1");
  CHECK(ports[0].vendor == 0x1546);
  CHECK(ports[0].product == 0x1010);
  CHECK(ports[0].interface_number == 6);
  CHECK(ports[1].device == usb.tree().dev + "/ttyUSB2");
  CHECK(ports[1].usb_path == "1-1.4");
  CHECK(ports[1].vendor == 0x2c7c);
  CHECK(ports[1].interface_number == 2);
  CHECK(ports[1].interface_subclass == 1);
  CHECK(ports[1].interface_protocol == 2);
}

TEST_CASE("usb: devices and what they show") {
  MadeUpUsb usb;
  usb.plug_in("1-1", "2c7c", "0125");
  usb.add_port("1-1", 2, "ttyUSB0");
  usb.add_interface("1-1", 4);
  usb.plug_in("1-2", "12d1", "14dc");
  usb.add_interface("1-2", 0, "020600");
  usb.add_interface("1-2", 2, "080650");
  usb.plug_in("1-3", "12d1", "14db");
  usb.add_interface("1-3", 0, "e00103");
  const auto devices = list_usb_devices(usb.tree());
  REQUIRE(devices.size() == 3);
  CHECK(devices[0].has_serial);
  CHECK_FALSE(devices[0].has_network);
  CHECK_FALSE(devices[0].has_storage);
  CHECK(devices[1].usb_path == "1-2");
  CHECK(devices[1].has_network);
  CHECK(devices[1].has_storage);
  CHECK_FALSE(devices[1].has_serial);
  CHECK(devices[2].has_network);
}

TEST_CASE("usb: a tree that is not there holds nothing") {
  CHECK(list_usb_serial_ports({"/nowhere", "/nowhere"}).empty());
  CHECK(list_usb_devices({"/nowhere", "/nowhere"}).empty());
}
