// Ports: addresses, exclusive opening, deadlines, and a device that goes away.
#include "modem/port/serial_port.h"
#include "modem/port/usb_ports.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "tests/modem/scripted_modem.h"

using namespace pigeon;
using namespace pigeon::modem;
using pigeon::test::ScriptedModem;

namespace {

PortAddress pty(const std::string& path) {
  return {PortAddress::Kind::pty, path, 115200};
}

std::string silent(const std::string& /*line*/) {
  return {};
}

}  // namespace

TEST_CASE("port url: the forms there are") {
  using Kind = PortAddress::Kind;
  CHECK(parse_port_url("serial:auto")->kind == Kind::automatic);
  const auto serial = parse_port_url("serial:/dev/serial/by-id/usb-x?baud=19200");
  REQUIRE(serial);
  CHECK(serial->kind == Kind::serial);
  CHECK(serial->path == "/dev/serial/by-id/usb-x");
  CHECK(serial->baud == 19200);
  CHECK(parse_port_url("serial:/dev/ttyUSB2")->baud == 115200);
  CHECK(parse_port_url("pty:/dev/pts/3")->kind == Kind::pty);
  CHECK(parse_port_url("serial:auto")->imei.empty());
  CHECK(parse_port_url("serial:imei=490154203237518")->kind == Kind::automatic);
  CHECK(parse_port_url("serial:imei=490154203237518")->imei == "490154203237518");
  for (const char* wrong : {"", "auto", "tcp:host:1", "serial:", "serial:ttyUSB0",
                            "pty:", "serial:/dev/x?baud=", "serial:/dev/x?baud=fast", "serial:/dev/x?baud=-1",
                            "serial:/dev/x?speed=1", "serial:imei=", "serial:imei=4901542032375",
                            "serial:imei=49015420323751x", "pty:/dev/pts/1?baud=1"}) {
    CAPTURE(wrong);
    const auto address = parse_port_url(wrong);
    REQUIRE_FALSE(address);
    CHECK(address.error().code == Errc::bad_input);
    CHECK(address.error().message.find("serial:auto") != std::string::npos);
  }
  const auto odd = parse_port_url("serial:/dev/x?baud=115201");
  REQUIRE_FALSE(odd);
  CHECK(odd.error().message.find("no speed of a serial port") != std::string::npos);
}

TEST_CASE("port: bytes both ways, through a symbolic link") {
  ScriptedModem modem([](const std::string& line) { return "<" + line + ">"; });
  const auto link = std::filesystem::temp_directory_path() / "pigeon-port-link";
  std::filesystem::remove(link);
  std::filesystem::create_symlink(modem.device(), link);
  auto port = SerialPort::open(pty(link.string()));
  std::filesystem::remove(link);
  REQUIRE(port);
  CHECK(port->device() == modem.device());
  REQUIRE(port->write("AT\r", steady_now() + seconds(1)));
  std::string heard;
  while (heard.size() < 4) {
    const auto ready = port->wait(steady_now() + seconds(2));
    REQUIRE(ready);
    REQUIRE(ready->readable);
    std::array<char, 64> buffer;
    const auto got = port->read(buffer);
    REQUIRE(got);
    heard.append(buffer.data(), *got);
  }
  CHECK(heard == "<AT>");
  std::array<char, 8> buffer;
  CHECK(port->read(buffer) == std::size_t{0});  // nothing more, and no error
}

TEST_CASE("port: a second opener is told that it is taken, and may have it afterwards") {
  ScriptedModem modem(silent);
  {
    auto first = SerialPort::open(pty(modem.device()));
    REQUIRE(first);
    auto second = SerialPort::open(pty(modem.device()));
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::conflict);
    CHECK(second.error().message.find(modem.device()) != std::string::npos);
    CHECK(second.error().message.find("in use") != std::string::npos);
  }
  CHECK(SerialPort::open(pty(modem.device())));
}

TEST_CASE("port: what is no terminal, or is not there") {
  const auto missing = SerialPort::open(pty("/dev/pts/99999"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::not_found);
  CHECK(missing.error().retryable());
  const auto file = std::filesystem::temp_directory_path() / "pigeon-port-file";
  std::ofstream(file) << "x";
  for (const PortAddress& address :
       {pty(file.string()), PortAddress{PortAddress::Kind::serial, file.string(), 115200}}) {
    const auto port = SerialPort::open(address);
    REQUIRE_FALSE(port);
    CHECK(port.error().code == Errc::bad_input);
  }
  std::filesystem::remove(file);
}

TEST_CASE("port: a pseudo-terminal named as a serial port gets the right advice") {
  ScriptedModem modem(silent);
  const auto port = SerialPort::open({PortAddress::Kind::serial, modem.device(), 115200});
  REQUIRE_FALSE(port);
  CHECK(port.error().code == Errc::bad_input);
  CHECK(port.error().message.find("pty:" + modem.device()) != std::string::npos);
}

TEST_CASE("port: the deadline, the wake-up, and the device that goes away") {
  ScriptedModem modem(silent);
  auto port = SerialPort::open(pty(modem.device()));
  REQUIRE(port);
  const auto before = steady_now();
  auto ready = port->wait(before + milliseconds(30));
  REQUIRE(ready);
  CHECK_FALSE(ready->readable);
  CHECK_FALSE(ready->woken);
  CHECK(steady_now() - before >= milliseconds(30));

  Wakeup wakeup;
  wakeup.notify();
  ready = port->wait(steady_now() + seconds(10), &wakeup);
  REQUIRE(ready);
  CHECK(ready->woken);

  modem.unplug();
  std::array<char, 64> buffer;
  for (int attempt = 0; attempt < 2; ++attempt) {
    // The kernel may call a line that hung up readable; then the read tells.
    const auto last = port->wait(steady_now() + seconds(2));
    Error gone = last ? Error{} : last.error();
    if (last) {
      REQUIRE(last->readable);
      const auto got = port->read(buffer);
      REQUIRE_FALSE(got);
      gone = got.error();
    }
    CHECK(gone.code == Errc::disconnected);
    CHECK(gone.retryable());
  }
  const auto written = port->write("AT\r", steady_now() + seconds(1));
  REQUIRE_FALSE(written);
  CHECK(written.error().code == Errc::disconnected);
}

TEST_CASE("port: a device that takes no bytes is a timeout") {
  const Fd master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  REQUIRE(master);
  REQUIRE(::unlockpt(master.get()) == 0);
  std::array<char, 64> name{};
  REQUIRE(::ptsname_r(master.get(), name.data(), name.size()) == 0);
  auto port = SerialPort::open(pty(name.data()));
  REQUIRE(port);
  const auto written = port->write(std::string(1 << 20, 'x'), steady_now() + milliseconds(50));
  REQUIRE_FALSE(written);
  CHECK(written.error().code == Errc::timeout);
}

TEST_CASE("port: no permission is advice only where udev has had its time") {
  for (const milliseconds age : {milliseconds(0), milliseconds(4000), milliseconds(-2000)}) {
    const Error young = refusal("/dev/ttyUSB2", EACCES, age);
    CHECK(young.code == Errc::busy);
    CHECK(young.retryable());
    CHECK(young.message.find("carrier-pigeon") == std::string::npos);
  }
  for (const milliseconds age : {milliseconds(5000), milliseconds(-3600'000), milliseconds::max()}) {
    const Error old = refusal("/dev/ttyUSB2", EACCES, age);
    CHECK(old.code == Errc::denied);
    CHECK(old.message.find("the group carrier-pigeon") != std::string::npos);
  }
  CHECK(refusal("/dev/ttyUSB2", EPERM, milliseconds(0)).code == Errc::denied);  // a unit's DeviceAllow=
}

TEST_CASE("port: listing USB ports works where there are none") {
  CHECK_NOTHROW((void)list_usb_serial_ports());
}
