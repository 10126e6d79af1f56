// Opening, polling and closing ttys; see serial_port.h.
#include "modem/port/serial_port.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <libserialport.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"

namespace pigeon::modem {
namespace {

struct PortDeleter {
  void operator()(sp_port* port) const { sp_free_port(port); }
};
using LibPort = std::unique_ptr<sp_port, PortDeleter>;

// What termios(3) knows; nothing for another number.
std::optional<speed_t> speed_of(int baud) {
  constexpr std::pair<int, speed_t> kSpeeds[] = {
      {1200, B1200},       {2400, B2400},       {4800, B4800},       {9600, B9600},       {19200, B19200},
      {38400, B38400},     {57600, B57600},     {115200, B115200},   {230400, B230400},   {460800, B460800},
      {500000, B500000},   {576000, B576000},   {921600, B921600},   {1000000, B1000000}, {1152000, B1152000},
      {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000}, {3000000, B3000000}, {3500000, B3500000},
      {4000000, B4000000},
  };
  for (const auto& [known, speed] : kSpeeds)
    if (known == baud) return speed;
  return std::nullopt;
}

// Since the node was made, or its owner or mode changed; long ago where that cannot be told.
milliseconds age_of(const std::string& device) {
  struct stat node {};
  if (::stat(device.c_str(), &node) != 0) return milliseconds::max();
  const UtcTime changed(seconds(node.st_ctim.tv_sec) + milliseconds(node.st_ctim.tv_nsec / 1'000'000));
  return utc_now() - changed;
}

tl::unexpected<Error> refused(const std::string& device, int error_number) {
  return tl::unexpected(refusal(device, error_number, age_of(device)));
}

// libserialport 0.1.1 knows no symbolic links, and logs should name the real device.
Result<std::string> resolve(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  if (!real) return refused(path, errno);
  return std::string(real.get());
}

Result<Fd> open_pty(const std::string& device) {
  Fd fd(::open(device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return refused(device, errno);
  if (::isatty(fd.get()) == 0) return refused(device, ENOTTY);
  return fd;
}

// libserialport knows what a serial port is, but does not open it: it sets RTS and DTR in doing so, and a
// port that takes no control requests, as AT ports of many ZTE sticks, refuses that (EINVAL). The kernel
// raises both at open(2).
Result<Fd> open_serial(const std::string& device) {
  sp_port* raw = nullptr;
  if (sp_get_port_by_name(device.c_str(), &raw) != SP_OK) {
    return fail(Errc::bad_input,
                device + ": not a serial port (for a pseudo-terminal write pty:" + device + ")");
  }
  const LibPort port(raw);
  Fd fd(::open(device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return refused(device, errno);
  // From here on no other open(2) succeeds, not even of a program that knows no locks. The kernel forgets
  // this with the last close; a pseudo-terminal would keep it after a crash, so it only gets the lock.
  if (::ioctl(fd.get(), TIOCEXCL) != 0) return refused(device, errno);
  return fd;
}

// Eight bits without parity, one stop bit, no flow control; a pseudo-terminal has no speed.
Result<void> make_raw(const Fd& fd, const std::string& device, std::optional<speed_t> speed) {
  termios settings{};
  if (::tcgetattr(fd.get(), &settings) != 0) return refused(device, errno);
  ::cfmakeraw(&settings);
  if (speed) ::cfsetspeed(&settings, *speed);
  settings.c_iflag &= ~static_cast<tcflag_t>(IXOFF | IXANY | INPCK);  // cfmakeraw leaves them as they were
  settings.c_cflag &= ~static_cast<tcflag_t>(CSTOPB | CRTSCTS);
  settings.c_cflag |= CLOCAL | CREAD;
  settings.c_cc[VMIN] = 1;  // a read of 0 bytes then means that the device is gone
  settings.c_cc[VTIME] = 0;
  if (::tcsetattr(fd.get(), TCSANOW, &settings) != 0) return refused(device, errno);
  return {};
}

tl::unexpected<Error> gone(const std::string& device) {
  return fail(Errc::disconnected, device + ": the device is gone", Retry::yes);
}

}  // namespace

Error refusal(const std::string& device, int error_number, milliseconds age) {
  switch (error_number) {
    case EBUSY:
    case EWOULDBLOCK:
      return {Errc::conflict, device + ": in use by another program (ModemManager, another gateway?)",
              Retry::yes};
    case EACCES:
      // An age below zero says that the clock was set meanwhile.
      if (age >= -kUdevTime && age < kUdevTime)
        return {Errc::busy, device + ": has just appeared, udev is not through with it yet", Retry::yes};
      [[fallthrough]];
    case EPERM:
      return {Errc::denied, device +
                                ": no permission (Carrier Pigeon's udev rules give a modem's ports to the "
                                "group carrier-pigeon: are they installed, and is this user in it?)"};
    case ENOTTY:
      return {Errc::bad_input, device + ": not a terminal device"};
    default:
      return fail_errno(device, error_number).value();
  }
}

Result<PortAddress> parse_port_url(std::string_view url) {
  const auto malformed = [&] {
    return fail(Errc::bad_input, "modem url '" + escape_controls(url) +
                                     "': expected serial:auto, serial:imei=490154203237518, "
                                     "serial:/dev/…[?baud=115200] or pty:/dev/pts/…");
  };
  PortAddress address;
  if (url == "serial:auto") return address;
  if (constexpr std::string_view kImei = "serial:imei="; url.starts_with(kImei)) {
    address.imei = url.substr(kImei.size());
    const bool digits =
        std::all_of(address.imei.begin(), address.imei.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || address.imei.size() < 14 || address.imei.size() > 16) return malformed();
    return address;
  }
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos) return malformed();
  const std::string_view scheme = url.substr(0, colon);
  std::string_view path = url.substr(colon + 1);
  if (scheme == "serial")
    address.kind = PortAddress::Kind::serial;
  else if (scheme == "pty")
    address.kind = PortAddress::Kind::pty;
  else
    return malformed();
  if (const std::size_t query = path.find('?'); query != std::string_view::npos) {
    std::string_view value = path.substr(query + 1);
    path = path.substr(0, query);
    constexpr std::string_view kBaud = "baud=";
    if (address.kind != PortAddress::Kind::serial || !value.starts_with(kBaud)) return malformed();
    value.remove_prefix(kBaud.size());
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), address.baud);
    if (error != std::errc() || end != value.data() + value.size() || address.baud <= 0) return malformed();
    if (!speed_of(address.baud)) {
      return fail(Errc::bad_input, "modem url '" + escape_controls(url) + "': " +
                                       std::to_string(address.baud) + " is no speed of a serial port");
    }
  }
  if (!path.starts_with('/') || path.find('\0') != std::string_view::npos) return malformed();
  address.path = path;
  return address;
}

Result<SerialPort> SerialPort::open(const PortAddress& address) {
  auto device = resolve(address.path);
  if (!device) return tl::unexpected(device.error());
  const bool pty = address.kind == PortAddress::Kind::pty;
  const std::optional<speed_t> speed = pty ? std::nullopt : speed_of(address.baud);
  auto fd = pty ? open_pty(*device) : open_serial(*device);
  if (!fd) return tl::unexpected(fd.error());
  if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) return refused(*device, errno);
  if (auto raw = make_raw(*fd, *device, speed); !raw) return tl::unexpected(raw.error());
  return SerialPort(std::move(*fd), std::move(*device));
}

Result<SerialPort::Readiness> SerialPort::wait(SteadyTime deadline, const Wakeup* wakeup, int other) const {
  std::array<pollfd, 3> watched = {pollfd{fd_.get(), POLLIN, 0},
                                   pollfd{wakeup ? wakeup->fd() : -1, POLLIN, 0}, pollfd{other, POLLIN, 0}};
  for (;;) {
    const int ready = ::poll(watched.data(), watched.size(), poll_timeout(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return fail_errno(device_, errno);
    const bool readable = (watched[0].revents & POLLIN) != 0;
    if (!readable && (watched[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return gone(device_);
    return Readiness{readable, watched[1].revents != 0, watched[2].revents != 0};
  }
}

Result<std::size_t> SerialPort::read(std::span<char> buffer) const {
  for (;;) {
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got > 0) return static_cast<std::size_t>(got);
    if (got == 0) return gone(device_);
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::size_t{0};
    if (errno == EIO || errno == ENODEV || errno == ENXIO) return gone(device_);
    return fail_errno(device_, errno);
  }
}

Result<void> SerialPort::write(std::string_view bytes, SteadyTime deadline) const {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd_.get(), bytes.data(), bytes.size());
    if (put > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(put));
      continue;
    }
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
      if (errno == EIO || errno == ENODEV || errno == ENXIO) return gone(device_);
      return fail_errno(device_, errno);
    }
    pollfd watched{fd_.get(), POLLOUT, 0};
    const int ready = ::poll(&watched, 1, poll_timeout(deadline));
    if (ready < 0 && errno != EINTR) return fail_errno(device_, errno);
    if (ready == 0) return fail(Errc::timeout, device_ + ": the device takes no bytes", Retry::yes);
    if (ready > 0 && (watched.revents & POLLOUT) == 0) return gone(device_);
  }
  return {};
}

}  // namespace pigeon::modem
