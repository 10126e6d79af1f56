// The table of sticks; see usb_stick.h. Ids and what each interface is for: the rules of ModemManager, the
// tables of Linux's option, qcserial, qmi_wwan and cdc_ncm, and lists of interfaces that owners published.
#include "sim/usb/usb_stick.h"

#include <algorithm>

namespace pigeon::sim {
namespace {

using enum EndPoints;

constexpr UsbInterface kHuawei[] = {
    {0, 0xff, 0x02, 0x12, bulk}, {1, 0xff, 0x02, 0x01, bulk_and_interrupt},
    {2, 0xff, 0x02, 0x02, bulk}, {3, 0x08, 0x06, 0x50, bulk},
    {4, 0x08, 0x06, 0x50, bulk},
};
constexpr UsbInterface kHuaweiOlder[] = {
    {0, 0xff, 0xff, 0xff, bulk_and_interrupt},
    {1, 0xff, 0xff, 0xff, bulk},
    {2, 0xff, 0xff, 0xff, bulk},
    {3, 0x08, 0x06, 0x50, bulk},
};
constexpr UsbInterface kHiLink[] = {
    {0, 0x02, 0x06, 0x00, interrupt},
    {1, 0x0a, 0x00, 0x00, bulk_on_demand},
    {2, 0x08, 0x06, 0x50, bulk},
};
constexpr UsbInterface kStorage[] = {{0, 0x08, 0x06, 0x50, bulk}};
// Three serial ports and an NCM network, says who owns one; their class triples are made up after Huawei's.
constexpr UsbInterface kBrovi[] = {
    {0, 0x02, 0x0d, 0x00, interrupt},
    {1, 0x0a, 0x00, 0x01, bulk_on_demand},
    {2, 0xff, 0x03, 0x12, bulk},
    {3, 0xff, 0x03, 0x01, bulk_and_interrupt},
    {4, 0xff, 0x03, 0x13, bulk_and_interrupt},
};
constexpr UsbInterface kZte[] = {
    {0, 0xff, 0xff, 0xff, bulk},
    {1, 0xff, 0xff, 0xff, bulk},
    {2, 0x08, 0x06, 0x50, bulk},
    {3, 0xff, 0xff, 0xff, bulk_and_interrupt},
};
constexpr UsbInterface kZteNetwork[] = {
    {0, 0x02, 0x06, 0x00, interrupt},
    {1, 0x0a, 0x00, 0x00, bulk_on_demand},
    {2, 0x08, 0x06, 0x50, bulk},
};
constexpr UsbInterface kEc25[] = {
    {0, 0xff, 0xff, 0xff, bulk},
    {1, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {2, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {3, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {4, 0xff, 0xff, 0xff, bulk_and_interrupt},
};
constexpr UsbInterface kSim7600[] = {
    {0, 0xff, 0xff, 0xff, bulk},
    {1, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {2, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {3, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {4, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {5, 0xff, 0xff, 0xff, bulk_and_interrupt},
};
constexpr UsbInterface kA7670[] = {
    {0, 0xe0, 0x01, 0x03, interrupt}, {1, 0x0a, 0x00, 0x00, bulk}, {2, 0xff, 0x00, 0x00, bulk},
    {3, 0xff, 0x00, 0x00, bulk},      {4, 0xff, 0x00, 0x00, bulk}, {5, 0xff, 0x00, 0x00, bulk_and_interrupt},
};
constexpr UsbInterface kSim7070[] = {
    {0, 0xff, 0xff, 0xff, bulk},
    {1, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {2, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {5, 0xff, 0x00, 0x00, bulk_and_interrupt},
};
// The same with a network, as Linux's option calls it; where that stands is made up.
constexpr UsbInterface kSim7070WithNetwork[] = {
    {0, 0xff, 0xff, 0xff, bulk},
    {1, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {2, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {3, 0x02, 0x06, 0x00, interrupt},
    {4, 0x0a, 0x00, 0x00, bulk_on_demand},
    {5, 0xff, 0x00, 0x00, bulk_and_interrupt},
};
constexpr UsbInterface kMc74xx[] = {
    {0, 0xff, 0xff, 0xff, bulk},
    {2, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {3, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {8, 0xff, 0xff, 0xff, bulk_and_interrupt},
    {10, 0xff, 0xff, 0xff, bulk_and_interrupt},
};
constexpr UsbInterface kLe910[] = {
    {0, 0xff, 0xff, 0xff, bulk},
    {1, 0xff, 0xff, 0xff, bulk_and_interrupt},
    {2, 0xff, 0xff, 0xff, bulk_and_interrupt},
    {3, 0xff, 0xff, 0xff, bulk_and_interrupt},
    {4, 0xff, 0xff, 0xff, bulk_and_interrupt},
    {5, 0xff, 0xff, 0xff, bulk_and_interrupt},
    {6, 0xff, 0xff, 0xff, bulk_and_interrupt},
};
constexpr UsbInterface kLe910C1[] = {
    {0, 0xff, 0xff, 0xff, bulk},
    {1, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {2, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {3, 0xff, 0xff, 0xff, bulk_and_interrupt},
};
constexpr UsbInterface kLe910C1WithNetwork[] = {
    {0, 0xff, 0xff, 0xff, bulk},
    {1, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {2, 0xff, 0x00, 0x00, bulk_and_interrupt},
    {3, 0x02, 0x06, 0x00, interrupt},
    {4, 0x0a, 0x00, 0x00, bulk_on_demand},
};
constexpr UsbInterface kTobyL4[] = {
    {0, 0x02, 0x0d, 0x00, interrupt}, {1, 0x0a, 0x00, 0x01, bulk_on_demand}, {2, 0x02, 0x02, 0x01, interrupt},
    {3, 0x0a, 0x00, 0x00, bulk},      {4, 0x02, 0x02, 0x01, interrupt},      {5, 0x0a, 0x00, 0x00, bulk},
    {6, 0x02, 0x02, 0x01, interrupt}, {7, 0x0a, 0x00, 0x00, bulk},           {8, 0x02, 0x02, 0x01, interrupt},
    {9, 0x0a, 0x00, 0x00, bulk},
};
constexpr UsbInterface kUbloxByQualcomm[] = {
    {0, 0xff, 0xff, 0xff, bulk},
    {1, 0xff, 0xff, 0xff, bulk_and_interrupt},
};

// The serial number that every stick of some makers has.
constexpr std::string_view kEverybodys = "0123456789ABCDEF";

// Interfaces that speak AT, the best one first.
constexpr std::span<const int> kNowhere;
constexpr int kIf0[] = {0}, kIf1[] = {1}, kIf2[] = {2}, kIf3[] = {3}, kIf4[] = {4}, kIf6[] = {6};
constexpr int kIf1And2[] = {1, 2}, kIf2And3[] = {2, 3}, kIf4And5[] = {4, 5};

constexpr UsbStick kSticks[] = {
    {"huawei", 0x12d1, 0x1506, "huawei", "E3372", {}, kHuawei, kIf2},
    {"huawei-older", 0x12d1, 0x1001, "huawei", "E1550", {}, kHuaweiOlder, kIf0},
    {"huawei-hilink", 0x12d1, 0x14dc, "HUAWEI_MOBILE", "E3372h", kEverybodys, kHiLink},
    {"huawei-storage", 0x12d1, 0x14fe, "HUAWEI", "HUAWEI Mobile", {}, kStorage, kNowhere, "huawei"},
    {"huawei-hilink-storage", 0x12d1, 0x1f01, "HUAWEI_MOBILE", "E3372h", kEverybodys, kStorage, kNowhere,
     "huawei-hilink"},
    {"brovi", 0x3566, 0x2001, "Mobile", "E3372-325", "123456789ABCD", kBrovi, kIf2},
    {"zte", 0x19d2, 0x0031, "ZTE CORPORATION", "MF190", "P680A1ZTED010000", kZte, kIf1},
    {"zte-storage", 0x19d2, 0x1225, "ZTE,Incorporated", "MF823", "MF8230ZTED000000", kStorage, kNowhere,
     "zte-network"},
    {"zte-network", 0x19d2, 0x1405, "ZTE,Incorporated", "MF823", {}, kZteNetwork},
    {"quectel", 0x2c7c, 0x0125, "Quectel", "EC25", {}, kEc25, kIf2And3},
    {"simcom", 0x1e0e, 0x9001, "SIMCOM INCORPORATED", "SIMCOM_SIM7600E", kEverybodys, kSim7600, kIf2},
    {"simcom-a7670", 0x1e0e, 0x9011, "SIMCOM", "A7670E-FASE", kEverybodys, kA7670, kIf4},
    {"simcom-sim7070", 0x1e0e, 0x9206, "SIMCOM", "SIMCOM_SIM7070", "1234567890ABCDEF", kSim7070, kIf2},
    {"simcom-sim7070-ecm", 0x1e0e, 0x9205, "SIMCOM", "SIMCOM_SIM7070", "1234567890ABCDEF",
     kSim7070WithNetwork, kIf2},
    {"sierra", 0x1199, 0x9071, "Sierra Wireless, Incorporated", "MC7455", "LQ650551110310", kMc74xx, kIf3},
    {"sierra-em7455", 0x1199, 0x9079, "Sierra Wireless, Incorporated", "EM7455", "LF63430005021", kMc74xx,
     kIf3},
    {"sierra-em7565", 0x1199, 0x9091, "Sierra Wireless, Incorporated", "EM7565", "UF82055405041", kMc74xx,
     kIf3},
    {"telit", 0x1bc7, 0x1201, "Telit", "LE910-EU V2", "0123456789", kLe910, kIf4And5},
    {"telit-le910c1", 0x1bc7, 0x1031, "Telit", "LE910C1-EUX", "8c70e6f2", kLe910C1, kIf1And2},
    {"telit-le910c1-ecm", 0x1bc7, 0x1033, "Telit", "LE910C1-EUX", "8c70e6f3", kLe910C1WithNetwork, kIf1And2},
    {"ublox", 0x1546, 0x1010, "u-blox", "TOBY-L4906", "353162099999999", kTobyL4, kIf6},
    {"ublox-toby-r2", 0x05c6, 0x908b, "u-blox", "TOBY-R202", "204ac2f7", kUbloxByQualcomm, kIf1},
};

}  // namespace

int data_interface(const UsbStick& stick, int at_interface) {
  constexpr std::uint8_t kCommunications = 0x02;
  for (const UsbInterface& interface : stick.interfaces) {
    if (interface.number == at_interface && interface.kind == kCommunications) return at_interface + 1;
  }
  return at_interface;
}

std::size_t most_at_ports(const UsbStick& stick) {
  const UsbStick* other = find_usb_stick(stick.switches_to);
  return std::max(stick.at_interfaces.size(), other != nullptr ? other->at_interfaces.size() : 0);
}

std::span<const UsbStick> usb_sticks() {
  return kSticks;
}

const UsbStick* find_usb_stick(std::string_view name) {
  const auto* found = std::find_if(std::begin(kSticks), std::end(kSticks),
                                   [&](const UsbStick& stick) { return stick.name == name; });
  return found == std::end(kSticks) ? nullptr : found;
}

}  // namespace pigeon::sim
