// A stick at the far end of usbredir, talked to as QEMU does.
#include "sim/usb/redir_device.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/usb/mode_switch.h"

using namespace pigeon;
using namespace pigeon::sim;

namespace {

// The host's end: QEMU's, as far as a stick notices.
class Host {
 public:
  explicit Host(std::string_view stick) {
    device.plug_in(*find_usb_stick(stick));
    REQUIRE(device.receive(redir_hello()));  // the same capabilities as QEMU's xhci asks for
  }
  std::vector<RedirPacket> take() {
    reader_.add(device.take_output());
    std::vector<RedirPacket> packets;
    for (;;) {
      auto packet = reader_.next();
      REQUIRE(packet);
      if (!packet->has_value()) return packets;
      packets.push_back(std::move(**packet));
    }
  }
  void send(RedirType type, std::uint64_t id, const std::string& body) {
    REQUIRE(device.receive(encode({type, id, body})));
  }
  void control(std::uint64_t id, int type, int request, int value, int length) {
    send(RedirType::control_packet, id,
         std::string{'\x80', static_cast<char>(request), static_cast<char>(type), '\0'} +
             wire_number(static_cast<unsigned>(value), 2) + wire_number(0, 2) +
             wire_number(static_cast<unsigned>(length), 2));
  }
  void bulk(std::uint64_t id, int address, std::size_t length, std::string_view data = {}) {
    send(RedirType::bulk_packet, id,
         wire_number(static_cast<unsigned>(address), 1) + wire_number(0, 1) + wire_number(length, 2) +
             wire_number(0, 4) + wire_number(0, 2) + std::string(data));
  }

  RedirDevice device;

 private:
  RedirReader reader_;
};

std::string data_of(const RedirPacket& packet) {
  return packet.body.substr(10);  // behind the header of a control or bulk packet
}
int status_of(const RedirPacket& packet) {
  return static_cast<unsigned char>(packet.body.at(packet.type == RedirType::control_packet ? 3 : 1));
}

}  // namespace

TEST_CASE("usbredir: end points and interfaces come before the device is said to be there") {
  Host host("quectel");
  const auto packets = host.take();
  REQUIRE(packets.size() == 4);
  CHECK(packets[0].type == RedirType::hello);
  CHECK(packets[1].type == RedirType::ep_info);
  CHECK(packets[1].body.size() == 160);
  CHECK(packets[2].type == RedirType::interface_info);
  CHECK(packets[2].body.size() == 132);
  CHECK(packets[3].type == RedirType::device_connect);
  CHECK(packets[3].body.size() == 10);
  CHECK(number_at(packets[3].body, 4, 2) == 0x2c7c);
  CHECK(number_at(packets[3].body, 6, 2) == 0x0125);
}

TEST_CASE("usbredir: descriptors are cut to what is asked for, and what is not known stalls") {
  Host host("quectel");
  static_cast<void>(host.take());
  host.control(1, 0x80, 6, 0x0200, 9);
  host.control(2, 0x80, 6, 0x0200, 4096);
  host.control(3, 0x80, 6, 0x0600, 10);  // of a device that has another speed: there is none
  host.control(4, 0xa1, 0x21, 0, 7);     // a class request that wants data
  host.control(5, 0x21, 0x22, 3, 0);     // one that does not
  const auto packets = host.take();
  REQUIRE(packets.size() == 5);
  CHECK(data_of(packets[0]) == configuration_descriptor(*find_usb_stick("quectel")).substr(0, 9));
  CHECK(data_of(packets[1]) == configuration_descriptor(*find_usb_stick("quectel")));
  CHECK(status_of(packets[2]) == 4);
  CHECK(status_of(packets[3]) == 4);
  CHECK(status_of(packets[4]) == 0);
  CHECK(packets[4].id == 5);
}

TEST_CASE("usbredir: octets pass between the AT interface and the modem, and wait for each other") {
  Host host("quectel");
  static_cast<void>(host.take());
  host.bulk(1, 0x03, 3, "AT\r");  // if02
  CHECK(host.device.take_for_modem(0) == "AT\r");
  host.bulk(2, 0x02, 3, "AT\r");  // if01: taken, and nobody there answers
  CHECK(host.device.take_for_modem(0).empty());
  CHECK(host.device.take_for_modem(1).empty());
  auto packets = host.take();
  REQUIRE(packets.size() == 2);
  CHECK(packets[0].body.size() == 10);
  CHECK(number_at(packets[0].body, 2, 2) == 3);

  host.bulk(3, 0x84, 4);
  host.bulk(4, 0x84, 4);
  host.bulk(5, 0x84, 512);
  CHECK(host.take().empty());
  host.device.from_modem(0, "\r\nOK\r\n");
  packets = host.take();
  REQUIRE(packets.size() == 2);
  CHECK(packets[0].id == 3);
  CHECK(data_of(packets[0]) == "\r\nOK");
  CHECK(data_of(packets[1]) == "\r\n");

  host.send(RedirType::cancel_data_packet, 5, {});
  packets = host.take();
  REQUIRE(packets.size() == 1);
  CHECK(status_of(packets[0]) == 1);
  host.device.from_modem(0, "+CMTI");  // nobody asks: it is there when somebody does
  host.bulk(6, 0x84, 512);
  packets = host.take();
  REQUIRE(packets.size() == 1);
  CHECK(data_of(packets[0]) == "+CMTI");
}

TEST_CASE("usbredir: a second AT interface is another port of the modem") {
  Host host("quectel");
  static_cast<void>(host.take());
  host.bulk(1, 0x04, 4, "ATI\r");  // if03
  CHECK(host.device.take_for_modem(0).empty());
  CHECK(host.device.take_for_modem(1) == "ATI\r");
  host.bulk(2, 0x84, 512);
  host.bulk(3, 0x86, 512);
  static_cast<void>(host.take());
  host.device.from_modem(1, "EC25");
  auto packets = host.take();
  REQUIRE(packets.size() == 1);
  CHECK(packets[0].id == 3);
  host.device.from_modem(0, "OK");
  packets = host.take();
  REQUIRE(packets.size() == 1);
  CHECK(packets[0].id == 2);

  Host one("zte");  // what a port says that the stick does not have comes nowhere
  static_cast<void>(one.take());
  one.bulk(1, 0x82, 512);
  one.device.from_modem(1, "OK");
  CHECK(one.take().empty());
}

TEST_CASE("usbredir: the port of a CDC modem is its data interface") {
  Host host("ublox");
  static_cast<void>(host.take());
  int out = 0;
  for (const EndPoint& point : end_points(*find_usb_stick("ublox")))
    if (point.interface_number == 7 && point.address < 0x80) out = point.address;
  host.bulk(1, out, 3, "AT\r");
  CHECK(host.device.take_for_modem(0) == "AT\r");
}

TEST_CASE("usbredir: unplugged, and back as another") {
  Host host("huawei-storage");
  static_cast<void>(host.take());
  host.device.plug_in(*find_usb_stick("huawei"));
  const auto packets = host.take();
  REQUIRE(packets.size() == 4);
  CHECK(packets[0].type == RedirType::device_disconnect);
  CHECK(packets[3].type == RedirType::device_connect);
  CHECK(number_at(packets[3].body, 6, 2) == 0x1506);
}

TEST_CASE("usbredir: end points of a setting are there when it is chosen") {
  Host host("huawei-hilink");
  const auto first = host.take();
  CHECK(first[1].body.at(16 + 1) == '\x03');  // the interrupt end point 81
  CHECK(first[1].body.at(16 + 2) == '\xff');  // 82 is not there yet
  host.send(RedirType::set_alt_setting, 9, std::string{'\x01', '\x01'});
  const auto packets = host.take();
  REQUIRE(packets.size() == 2);
  CHECK(packets[0].body.at(16 + 2) == '\x02');
  CHECK(packets[1].type == RedirType::alt_setting_status);
  CHECK(packets[1].body == std::string{'\0', '\x01', '\x01'});
}

TEST_CASE("usbredir: a host that speaks something else is refused") {
  RedirDevice other;
  CHECK_FALSE(other.receive("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  RedirDevice plain;  // a hello without the capabilities
  CHECK_FALSE(
      plain.receive(wire_number(0, 4) + wire_number(64, 4) + wire_number(0, 4) + std::string(64, 'x')));
}

TEST_CASE("mode switch: the maker's message and the ejection, and nothing else, switch a stick") {
  const auto command = [](std::string_view block) {
    std::string whole =
        "USBC" + wire_number(0x12345678, 4) + wire_number(36, 4) + std::string{'\x80', '\0', '\x10'};
    return (whole + std::string(block)).append(16 - block.size(), '\0');
  };
  using namespace std::string_view_literals;
  CHECK(answer_storage(command("\x11\x06\x20"sv)).switches);
  CHECK(answer_storage(command("\x1b\x00\x00\x00\x02"sv)).switches);
  const StorageAnswer inquiry = answer_storage(command("\x12\x00\x00\x00\x24"sv));
  CHECK_FALSE(inquiry.switches);
  CHECK(inquiry.towards_host.size() == 36 + 13);
  CHECK(inquiry.towards_host.substr(36, 8) == "USBS" + wire_number(0x12345678, 4));
  CHECK(answer_storage(command("\x00"sv)).towards_host.ends_with('\x01'));  // no medium: not ready
  CHECK(answer_storage("AT\r").towards_host.empty());

  Host host("huawei-storage");
  host.bulk(1, 0x01, 31, command("\x11\x06\x20"sv));
  CHECK(host.device.switch_asked());
  Host no_storage("quectel");
  no_storage.bulk(1, 0x01, 31, command("\x11\x06\x20"sv));
  CHECK_FALSE(no_storage.device.switch_asked());
}
