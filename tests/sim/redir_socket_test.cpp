// A simulated modem behind a socket, as QEMU's chardev finds it.
#include "sim/usb/redir_socket.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <string>

#include "tests/temp_folder.h"

using namespace pigeon;
using namespace pigeon::sim;
using pigeon::test::TempFolder;

namespace {

class Machine {
 public:
  explicit Machine(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    write(redir_hello());
  }
  void write(const std::string& octets) {
    REQUIRE(::write(fd_.get(), octets.data(), octets.size()) == static_cast<ssize_t>(octets.size()));
  }
  // The next packet of this kind; what comes before it is passed over.
  RedirPacket wait_for(RedirType type) {
    for (;;) {
      auto packet = reader_.next();
      REQUIRE(packet);
      if (packet->has_value()) {
        if ((*packet)->type == type) return std::move(**packet);
        continue;
      }
      pollfd polled{fd_.get(), POLLIN, 0};
      REQUIRE(::poll(&polled, 1, 20'000) == 1);
      std::array<char, 4096> buffer;
      const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
      REQUIRE(got > 0);
      reader_.add({buffer.data(), static_cast<std::size_t>(got)});
    }
  }
  [[nodiscard]] bool closed() const {
    pollfd polled{fd_.get(), POLLIN, 0};
    std::array<char, 4096> buffer;
    for (;;) {
      if (::poll(&polled, 1, 20'000) != 1) return false;
      if (::read(fd_.get(), buffer.data(), buffer.size()) <= 0) return true;
    }
  }
  // Says a line on the EC25's interface 2 or 3 and hears the answer to its end.
  std::string ask(const std::string& line, bool on_second = false) {
    bulk(1, on_second ? 0x04 : 0x03, line + "\r");
    std::string heard;
    while (heard.find("OK\r\n") == std::string::npos) {
      bulk(2, on_second ? 0x86 : 0x84, {}, 512);
      RedirPacket packet;
      do packet = wait_for(RedirType::bulk_packet);
      while (packet.id != 2);
      heard += packet.body.substr(10);
    }
    return heard;
  }

 private:
  void bulk(std::uint64_t id, unsigned address, const std::string& data, std::size_t length = 0) {
    write(encode({RedirType::bulk_packet, id,
                  wire_number(address, 1) + wire_number(0, 1) +
                      wire_number(data.empty() ? length : data.size(), 2) + wire_number(0, 6) + data}));
  }

  Fd fd_;
  RedirReader reader_;
};

}  // namespace

TEST_CASE("usb socket: a modem answers through its stick, also after it was pulled and put back") {
  const TempFolder folder;
  SimModem modem;
  RedirSocket socket({&modem}, *find_usb_stick("quectel"), folder.file("stick"));
  Machine machine(folder.file("stick"));
  static_cast<void>(machine.wait_for(RedirType::device_connect));
  CHECK(machine.ask("AT+CGMM").find("SIM-4G") != std::string::npos);
  modem.unplug();
  socket.unplug();
  static_cast<void>(machine.wait_for(RedirType::device_disconnect));
  modem.plug_in();
  socket.plug_in();
  static_cast<void>(machine.wait_for(RedirType::device_connect));
  CHECK(machine.ask("AT").find("OK") != std::string::npos);
}

TEST_CASE("usb socket: each AT interface is a port of its own, also after both were pulled") {
  const TempFolder folder;
  SimModem modem;
  SimModem second(modem);
  RedirSocket socket({&modem, &second}, *find_usb_stick("quectel"), folder.file("stick"));
  Machine machine(folder.file("stick"));
  static_cast<void>(machine.wait_for(RedirType::device_connect));
  CHECK(machine.ask("ATE0", true).find("OK") != std::string::npos);
  CHECK(machine.ask("AT", true) == "\r\nOK\r\n");
  CHECK(machine.ask("AT") == "AT\r\r\nOK\r\n");  // its echo is on still
  modem.unplug();
  socket.unplug();
  static_cast<void>(machine.wait_for(RedirType::device_disconnect));
  modem.plug_in();
  socket.plug_in();
  static_cast<void>(machine.wait_for(RedirType::device_connect));
  CHECK(machine.ask("AT").find("OK") != std::string::npos);
  CHECK(machine.ask("AT", true).find("OK") != std::string::npos);
}

TEST_CASE("usb socket: one machine after the other, whatever the first one spoke") {
  const TempFolder folder;
  SimModem modem;
  RedirSocket socket({&modem}, *find_usb_stick("quectel"), folder.file("stick"));
  {
    Machine confused(folder.file("stick"));
    confused.write(encode({RedirType::bulk_packet, 1, {}}) + std::string(64, '\xff'));
    CHECK(confused.closed());
  }
  Machine machine(folder.file("stick"));
  CHECK(machine.ask("AT").find("OK") != std::string::npos);
}

TEST_CASE("usb socket: a stick in storage mode comes back as a modem, and unplugged it is storage again") {
  const TempFolder folder;
  SimModem modem;
  RedirSocket socket({&modem}, *find_usb_stick("huawei-storage"), folder.file("stick"));
  Machine machine(folder.file("stick"));
  CHECK(number_at(machine.wait_for(RedirType::device_connect).body, 6, 2) == 0x14fe);
  std::string message = "USBC" + wire_number(0x12345678, 4) + wire_number(0, 4) +
                        std::string{'\0', '\0', '\x11', '\x11', '\x06'};
  message.resize(31, '\0');
  machine.write(encode(
      {RedirType::bulk_packet, 1, wire_number(1, 2) + wire_number(31, 2) + wire_number(0, 6) + message}));
  static_cast<void>(machine.wait_for(RedirType::device_disconnect));
  CHECK(number_at(machine.wait_for(RedirType::device_connect).body, 6, 2) == 0x1506);
  socket.plug_in();
  CHECK(number_at(machine.wait_for(RedirType::device_connect).body, 6, 2) == 0x14fe);
}

TEST_CASE("usb socket: what is no socket is not replaced") {
  const TempFolder folder;
  SimModem modem;
  CHECK_THROWS(RedirSocket({&modem}, *find_usb_stick("quectel"), std::string("/tmp")));
}
