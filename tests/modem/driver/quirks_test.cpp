// The table of families: who is who, which port speaks AT, what is noise.
#include "modem/driver/quirks.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "modem/at/vendor_urcs.h"
#include "modem/port/usb_ports.h"

using namespace pigeon::modem;

namespace {

UsbSerialPort port(const char* device, std::uint16_t vendor, std::uint16_t product, int interface,
                   int subclass = -1, int protocol = -1, const char* usb_path = "1-1") {
  return {device, usb_path, vendor, product, interface, subclass, protocol};
}

std::vector<std::string> devices_of(const std::vector<UsbSerialPort>& ports) {
  std::vector<std::string> devices;
  for (const UsbSerialPort& entry : ports) devices.push_back(entry.device);
  return devices;
}

}  // namespace

TEST_CASE("families: by what the modem says of itself") {
  CHECK(family_of("huawei", "E1752").name == "huawei");
  CHECK(family_of("Quectel", "EC25").name == "quectel");
  CHECK(family_of("SIMCOM INCORPORATED", "SIMCOM_SIM7600E").name == "simcom");
  CHECK(family_of("Sierra Wireless, Incorporated", "MC7455").name == "sierra");
  CHECK(family_of("ZTE CORPORATION", "MF710M").name == "zte");
  CHECK(family_of("u-blox", "TOBY-L210").name == "u-blox");
  CHECK(family_of("Telit", "HE910").name == "telit");
  CHECK(family_of("Carrier Pigeon", "SIM-4G").name == "generic");
  CHECK(family_of("", "").name == "generic");
}

TEST_CASE("families: names differ and the first one is generic") {
  std::set<std::string_view> names;
  for (const Family& family : families()) CHECK(names.insert(family.name).second);
  CHECK(generic_family().name == "generic");
  CHECK(generic_family().init_commands.empty());
}

TEST_CASE("vendor codes: events among the noise") {
  CHECK(vendor_urc("^RSSI:14") == UrcKind::noise);
  CHECK(vendor_urc("^SMMEMFULL: \"SM\"") == UrcKind::storage_full);
  CHECK(vendor_urc("+SMS FULL") == UrcKind::storage_full);
  CHECK(vendor_urc("+QIND: \"smsfull\",\"SM\"") == UrcKind::storage_full);
  CHECK(vendor_urc("+QIND: SMS DONE") == UrcKind::started);
  CHECK(vendor_urc("+QIND: PB DONE") == UrcKind::noise);
  CHECK(vendor_urc("RDY") == UrcKind::restarted);
  CHECK(vendor_urc("POWERED DOWN") == UrcKind::restarted);
  CHECK(vendor_urc("Call Ready") == UrcKind::started);
  CHECK(vendor_urc("^SYSSTART") == UrcKind::restarted);
  CHECK(vendor_urc("+ZUSIMR:2") == UrcKind::noise);
  CHECK(vendor_urc("PB DONE") == UrcKind::noise);
  CHECK_FALSE(vendor_urc("RDYX"));
  CHECK_FALSE(vendor_urc("Quectel"));
  CHECK_FALSE(vendor_urc("07911326"));
}

TEST_CASE("ports: the AT interface of a known product, its second one behind it") {
  const UsbSerialPort ports[] = {
      port("/dev/ttyUSB0", 0x2c7c, 0x0125, 0), port("/dev/ttyUSB1", 0x2c7c, 0x0125, 1),
      port("/dev/ttyUSB2", 0x2c7c, 0x0125, 2), port("/dev/ttyUSB3", 0x2c7c, 0x0125, 3)};
  CHECK(devices_of(at_ports(ports)) == std::vector<std::string>{"/dev/ttyUSB2", "/dev/ttyUSB3"});
}

TEST_CASE("ports: a product before its vendor's habit") {
  const UsbSerialPort ports[] = {port("/dev/ttyUSB2", 0x1e0e, 0x9011, 2),
                                 port("/dev/ttyUSB4", 0x1e0e, 0x9011, 4)};
  CHECK(devices_of(at_ports(ports)) == std::vector<std::string>{"/dev/ttyUSB4"});
}

TEST_CASE("ports: Huawei's are known by class and not by number") {
  const UsbSerialPort ports[] = {port("/dev/ttyUSB0", 0x12d1, 0x1506, 0, 0x02, 0x01),
                                 port("/dev/ttyUSB1", 0x12d1, 0x1506, 1, 0x02, 0x03),
                                 port("/dev/ttyUSB2", 0x12d1, 0x1506, 2, 0x02, 0x02)};
  CHECK(devices_of(at_ports(ports)).front() == "/dev/ttyUSB2");
  CHECK(devices_of(at_ports(ports)).at(1) == "/dev/ttyUSB0");
}

TEST_CASE("ports: strangers are left alone, sticks stay together") {
  const UsbSerialPort ports[] = {port("/dev/ttyACM0", 0x2341, 0x0043, 0, 2, 1, "1-3"),
                                 port("/dev/ttyUSB6", 0x2c7c, 0x0125, 2, -1, -1, "1-4"),
                                 port("/dev/ttyUSB2", 0x2c7c, 0x0125, 2, -1, -1, "1-2"),
                                 port("/dev/ttyUSB7", 0x2c7c, 0x0125, 3, -1, -1, "1-4")};
  CHECK(devices_of(at_ports(ports)) ==
        std::vector<std::string>{"/dev/ttyUSB2", "/dev/ttyUSB6", "/dev/ttyUSB7"});
}

TEST_CASE("boot time: u-blox needs patience") {
  CHECK(boot_time(0x1546, 0x1010) == pigeon::seconds(20));
  CHECK(boot_time(0x2341, 0x0043) == pigeon::seconds(0));
}

TEST_CASE("advice: sticks that show no AT port") {
  const UsbDevice devices[] = {{0x12d1, 0x14dc}, {0x2341, 0x0043}};
  const auto advice = usb_stick_advice(devices);
  REQUIRE(advice.size() == 1);
  CHECK(advice[0].starts_with("USB device 12d1:14dc is a Huawei HiLink stick"));
  CHECK(usb_advice(0x12d1, 0x1f01)->find("usb-modeswitch") != std::string_view::npos);
}

TEST_CASE("advice: a known family's stick without a port by what it shows instead") {
  UsbDevice device{0x19d2, 0x0031, "1-1"};
  const auto advice = [&] {
    const auto all = usb_stick_advice(std::span(&device, 1));
    return all.empty() ? std::string() : all[0];
  };
  CHECK(advice().find("has the kernel its driver") != std::string::npos);
  device.has_storage = true;
  CHECK(advice().find("as storage: install usb-modeswitch") != std::string::npos);
  device.has_network = true;
  CHECK(advice().find("as a network card") != std::string::npos);
  device.has_serial = true;
  CHECK(advice().empty());
  device = {0x0403, 0x6001, "1-2"};
  CHECK(advice().empty());
}
