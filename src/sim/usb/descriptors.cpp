// Writing descriptors; see descriptors.h.
#include "sim/usb/descriptors.h"

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace pigeon::sim {
namespace {

// bDescriptorType
constexpr int kDevice = 1, kConfiguration = 2, kString = 3, kInterface = 4, kEndPoint = 5;
constexpr int kAssociation = 11, kFunctional = 0x24;
// Indices of strings.
constexpr int kMaker = 1, kModel = 2, kSerial = 3, kEthernetAddress = 4;

constexpr int kCommunications = 0x02, kWireless = 0xe0;
constexpr int kAbstractControl = 0x02, kEthernet = 0x06, kNetwork = 0x0d;  // subclasses of communications

// Length, then what is given; numbers of two octets are written low octet first.
std::string descriptor(std::initializer_list<int> octets) {
  std::string out(1, static_cast<char>(octets.size() + 1));
  for (const int octet : octets) out += static_cast<char>(octet);
  return out;
}

constexpr int low(int number) {
  return number & 0xff;
}
constexpr int high(int number) {
  return number >> 8;
}

// A communications interface says which data interface it goes with: the next one.
bool leads_a_pair(const UsbInterface& interface) {
  return interface.kind == kCommunications || interface.kind == kWireless;
}

std::string functional_descriptors(const UsbInterface& interface) {
  constexpr int kHeader = 0, kCallManagement = 1, kAcm = 2, kUnion = 6, kEthernetNetworking = 0x0f;
  constexpr int kNcm = 0x1a, kSegment = 1514;
  if (!leads_a_pair(interface)) return {};
  const int data = interface.number + 1;
  std::string out = descriptor({kFunctional, kHeader, 0x10, 0x01});
  if (interface.kind == kWireless || interface.subclass == kAbstractControl) {
    out += descriptor({kFunctional, kCallManagement, 0, data});
    out += descriptor({kFunctional, kAcm, 2});
  }
  out += descriptor({kFunctional, kUnion, interface.number, data});
  if (interface.kind == kCommunications &&
      (interface.subclass == kEthernet || interface.subclass == kNetwork))
    out += descriptor({kFunctional, kEthernetNetworking, kEthernetAddress, 0, 0, 0, 0, low(kSegment),
                       high(kSegment), 0, 0, 0});
  if (interface.kind == kCommunications && interface.subclass == kNetwork)
    out += descriptor({kFunctional, kNcm, 0x00, 0x01, 0});
  return out;
}

std::string association(const UsbInterface& interface) {
  return descriptor(
      {kAssociation, interface.number, 2, interface.kind, interface.subclass, interface.protocol, 0});
}

std::string interface_setting(const UsbInterface& interface, int alternate,
                              const std::vector<EndPoint>& all_end_points) {
  std::string following;
  int count = 0;
  for (const EndPoint& point : all_end_points) {
    if (point.interface_number != interface.number || point.alternate != alternate) continue;
    const int interval = point.kind == EndPoint::Kind::interrupt ? 9 : 0;
    following += descriptor({kEndPoint, point.address, static_cast<int>(point.kind), low(point.packet_size),
                             high(point.packet_size), interval});
    ++count;
  }
  return descriptor({kInterface, interface.number, alternate, count, interface.kind, interface.subclass,
                     interface.protocol, 0}) +
         (alternate == 0 ? functional_descriptors(interface) : "") + following;
}

}  // namespace

std::vector<EndPoint> end_points(const UsbStick& stick) {
  constexpr int kTowardsHost = 0x80;
  constexpr std::uint16_t kBulkSize = 512, kInterruptSize = 16;
  std::vector<EndPoint> points;
  int in = 0, out = 0;
  const auto add = [&](const UsbInterface& interface, int address, EndPoint::Kind kind, std::uint16_t size) {
    points.push_back({static_cast<std::uint8_t>(address), kind, size, interface.number,
                      interface.end_points == EndPoints::bulk_on_demand ? 1 : 0});
  };
  for (const UsbInterface& interface : stick.interfaces) {
    const bool bulk = interface.end_points != EndPoints::none && interface.end_points != EndPoints::interrupt;
    const bool interrupt =
        interface.end_points == EndPoints::interrupt || interface.end_points == EndPoints::bulk_and_interrupt;
    const int bulk_in = bulk ? kTowardsHost | ++in : 0;
    if (interrupt) add(interface, kTowardsHost | ++in, EndPoint::Kind::interrupt, kInterruptSize);
    if (!bulk) continue;
    add(interface, bulk_in, EndPoint::Kind::bulk, kBulkSize);
    add(interface, ++out, EndPoint::Kind::bulk, kBulkSize);
  }
  return points;
}

std::string device_descriptor(const UsbStick& stick) {
  bool pairs = false;
  for (const UsbInterface& interface : stick.interfaces) pairs = pairs || leads_a_pair(interface);
  // ef/02/01: there are associations.
  const std::array<int, 3> kind = pairs ? std::array{0xef, 0x02, 0x01} : std::array{0, 0, 0};
  constexpr int kVersion = 0x0318, kControlSize = 64;
  return descriptor({kDevice, 0x00, 0x02, kind[0], kind[1], kind[2], kControlSize, low(stick.vendor),
                     high(stick.vendor), low(stick.product), high(stick.product), low(kVersion),
                     high(kVersion), kMaker, kModel, stick.serial.empty() ? 0 : kSerial, 1});
}

std::string configuration_descriptor(const UsbStick& stick) {
  constexpr int kLength = 9, kBusPowered = 0x80, kMilliamperesHalf = 250;
  const std::vector<EndPoint> points = end_points(stick);
  std::string rest;
  for (const UsbInterface& interface : stick.interfaces) {
    if (leads_a_pair(interface)) rest += association(interface);
    rest += interface_setting(interface, 0, points);
    if (interface.end_points == EndPoints::bulk_on_demand) rest += interface_setting(interface, 1, points);
  }
  const int total = kLength + static_cast<int>(rest.size());
  return descriptor({kConfiguration, low(total), high(total), static_cast<int>(stick.interfaces.size()), 1, 0,
                     kBusPowered, kMilliamperesHalf}) +
         rest;
}

std::string string_descriptor(const UsbStick& stick, int index) {
  if (index == 0) return descriptor({kString, 0x09, 0x04});  // English
  std::string_view text;
  if (index == kMaker) text = stick.maker;
  if (index == kModel) text = stick.model;
  if (index == kSerial) text = stick.serial;
  if (index == kEthernetAddress) text = "0C5B8F279A64";
  if (text.empty()) return {};
  std::string out = {static_cast<char>(2 + 2 * text.size()), static_cast<char>(kString)};
  for (const char c : text) out += {c, '\0'};
  return out;
}

}  // namespace pigeon::sim
