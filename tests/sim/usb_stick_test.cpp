// The sticks' descriptors, read as a host reads them: length after length, not by the code that writes them.
#include "sim/usb/usb_stick.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "modem/driver/profile.h"
#include "sim/usb/descriptors.h"

using namespace pigeon;
using namespace pigeon::sim;

namespace {

int octet(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text.at(at));
}
int word(std::string_view text, std::size_t at) {
  return octet(text, at) | octet(text, at + 1) << 8;
}

struct WalkedInterface {
  std::string triple;  // "ff/02/12"
  int alternates = 0;
  std::vector<int> addresses;  // of all its settings
  std::set<int> functional;    // subtypes
};

struct Walked {
  int announced = 0;  // interfaces
  std::map<int, WalkedInterface> interfaces;
  std::map<int, int> associations;  // first interface, count
};

std::string hex(int octet_value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return {kDigits[static_cast<std::size_t>(octet_value >> 4)],
          kDigits[static_cast<std::size_t>(octet_value & 15)]};
}

Walked walk(std::string_view configuration) {
  REQUIRE(configuration.size() > 9);
  REQUIRE(word(configuration, 2) == static_cast<int>(configuration.size()));
  Walked walked;
  walked.announced = octet(configuration, 4);
  WalkedInterface* current = nullptr;
  int end_points_left = 0;
  for (std::size_t at = 9; at < configuration.size();) {
    const auto length = static_cast<std::size_t>(octet(configuration, at));
    REQUIRE(length >= 2);
    REQUIRE(at + length <= configuration.size());
    const std::string_view one = configuration.substr(at, length);
    at += length;
    switch (octet(one, 1)) {
      case 4:
        CHECK(length == 9);
        CHECK(end_points_left == 0);
        end_points_left = octet(one, 4);
        current = &walked.interfaces[octet(one, 2)];
        CHECK(octet(one, 3) == current->alternates);
        ++current->alternates;
        current->triple = hex(octet(one, 5)) + "/" + hex(octet(one, 6)) + "/" + hex(octet(one, 7));
        break;
      case 5:
        CHECK(length == 7);
        REQUIRE(current != nullptr);
        CHECK((octet(one, 3) == 2 ? word(one, 4) == 512 : octet(one, 6) > 0));
        current->addresses.push_back(octet(one, 2));
        --end_points_left;
        break;
      case 11:
        CHECK(length == 8);
        walked.associations[octet(one, 2)] = octet(one, 3);
        break;
      case 0x24:
        REQUIRE(current != nullptr);
        current->functional.insert(octet(one, 2));
        break;
      default:
        FAIL("a descriptor of type " << octet(one, 1));
    }
  }
  CHECK(end_points_left == 0);
  return walked;
}

}  // namespace

TEST_CASE("usb stick: every stick's descriptors hold together") {
  for (const UsbStick& stick : usb_sticks()) {
    CAPTURE(stick.name);
    const std::string device = device_descriptor(stick);
    REQUIRE(device.size() == 18);
    CHECK(word(device, 8) == stick.vendor);
    CHECK(word(device, 10) == stick.product);
    const Walked walked = walk(configuration_descriptor(stick));
    CHECK(walked.announced == static_cast<int>(stick.interfaces.size()));
    CHECK(walked.interfaces.size() == stick.interfaces.size());
    std::set<int> addresses;
    for (const auto& [number, interface] : walked.interfaces) {
      for (const int address : interface.addresses) {
        CHECK(addresses.insert(address).second);  // no two interfaces share an end point
        CHECK((address & 0x0f) != 0);
      }
      if (interface.triple.starts_with("02") || interface.triple.starts_with("e0")) {
        CHECK(walked.associations.at(number) == 2);
        CHECK(interface.functional.contains(6));
        CHECK(walked.interfaces.at(number + 1).triple.starts_with("0a"));
      }
    }
    CHECK(addresses.size() == end_points(stick).size());
    CHECK(string_descriptor(stick, 1).size() == 2 + 2 * stick.maker.size());
    CHECK(string_descriptor(stick, octet(device, 16)).empty() ==
          false);  // 0, the languages, when there is none
  }
}

TEST_CASE("usb stick: ids, triples and AT interfaces are those that were seen on real ones") {
  struct Seen {
    std::string_view name;
    int vendor, product;
    std::vector<int> at_interfaces;
    std::map<int, std::string> triples;
  };
  const Seen seen[] = {
      {"huawei", 0x12d1, 0x1506, {2}, {{0, "ff/02/12"}, {1, "ff/02/01"}, {2, "ff/02/02"}, {3, "08/06/50"}}},
      {"huawei-hilink", 0x12d1, 0x14dc, {}, {{0, "02/06/00"}, {1, "0a/00/00"}}},
      {"huawei-storage", 0x12d1, 0x14fe, {}, {{0, "08/06/50"}}},
      {"huawei-hilink-storage", 0x12d1, 0x1f01, {}, {{0, "08/06/50"}}},
      {"brovi", 0x3566, 0x2001, {2}, {{0, "02/0d/00"}}},
      {"zte", 0x19d2, 0x0031, {1}, {{0, "ff/ff/ff"}, {1, "ff/ff/ff"}, {3, "ff/ff/ff"}}},
      {"zte-network", 0x19d2, 0x1405, {}, {{0, "02/06/00"}}},
      {"quectel",
       0x2c7c,
       0x0125,
       {2, 3},
       {{0, "ff/ff/ff"}, {2, "ff/00/00"}, {3, "ff/00/00"}, {4, "ff/ff/ff"}}},
      {"simcom", 0x1e0e, 0x9001, {2}, {}},
      {"simcom-a7670", 0x1e0e, 0x9011, {4}, {{0, "e0/01/03"}}},
      {"simcom-sim7070", 0x1e0e, 0x9206, {2}, {}},
      {"sierra", 0x1199, 0x9071, {3}, {{0, "ff/ff/ff"}, {2, "ff/00/00"}, {3, "ff/00/00"}, {8, "ff/ff/ff"}}},
      {"simcom-sim7070-ecm", 0x1e0e, 0x9205, {2}, {}},
      {"sierra-em7455", 0x1199, 0x9079, {3}, {}},
      {"sierra-em7565", 0x1199, 0x9091, {3}, {}},
      {"telit-le910c1-ecm", 0x1bc7, 0x1033, {1, 2}, {{3, "02/06/00"}, {4, "0a/00/00"}}},
      {"telit", 0x1bc7, 0x1201, {4, 5}, {}},
      {"telit-le910c1", 0x1bc7, 0x1031, {1, 2}, {}},
      {"ublox", 0x1546, 0x1010, {6}, {{6, "02/02/01"}, {7, "0a/00/00"}}},
      {"ublox-toby-r2", 0x05c6, 0x908b, {1}, {}},
  };
  for (const Seen& one : seen) {
    CAPTURE(one.name);
    const UsbStick* stick = find_usb_stick(one.name);
    REQUIRE(stick != nullptr);
    CHECK(stick->vendor == one.vendor);
    CHECK(stick->product == one.product);
    CHECK(std::vector(stick->at_interfaces.begin(), stick->at_interfaces.end()) == one.at_interfaces);
    const Walked walked = walk(configuration_descriptor(*stick));
    for (const auto& [number, triple] : one.triples) CHECK(walked.interfaces.at(number).triple == triple);
  }
  // End points as an EC25 has them, interface by interface.
  const Walked ec25 = walk(configuration_descriptor(*find_usb_stick("quectel")));
  CHECK(ec25.interfaces.at(0).addresses == std::vector{0x81, 0x01});
  CHECK(ec25.interfaces.at(1).addresses == std::vector{0x83, 0x82, 0x02});
  CHECK(ec25.interfaces.at(4).addresses == std::vector{0x89, 0x88, 0x05});
  CHECK(walk(configuration_descriptor(*find_usb_stick("huawei-hilink"))).interfaces.at(1).alternates == 2);
}

TEST_CASE(
    "usb stick: every family of the driver that has ids has a stick, and the driver would ask its AT port") {
  std::set<std::string_view> families;
  for (const UsbStick& stick : usb_sticks()) {
    CAPTURE(stick.name);
    families.insert(modem::family_of_device(stick.vendor, stick.product));
    std::vector<modem::UsbSerialPort> ports;
    for (const UsbInterface& interface : stick.interfaces) {
      if (interface.kind == 0x08 || interface.kind == 0x0a) continue;
      ports.push_back({"/dev/ttyUSB" + std::to_string(interface.number), "1-1", stick.vendor, stick.product,
                       interface.number, interface.subclass, interface.protocol});
    }
    std::set<int> asked;
    for (const modem::UsbSerialPort& port : modem::at_ports(ports)) asked.insert(port.interface_number);
    for (const int number : stick.at_interfaces) CHECK(asked.contains(number));
    CHECK(most_at_ports(stick) >= stick.at_interfaces.size());
    CHECK((stick.switches_to.empty() || find_usb_stick(stick.switches_to) != nullptr));
  }
  for (const modem::Profile& family : modem::profiles()) {
    CAPTURE(family.name);
    CHECK((family.products.empty() || families.contains(family.name)));
  }
}
