// Bytes in and out of a modem's port: a real tty, or a pseudo-terminal. The port is
// held exclusively from construction to destruction; a device that went away is an error for good, because
// its number may belong to another one when it comes back.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "base/wakeup.h"

namespace pigeon::modem {

// "serial:auto", "serial:imei=490154203237518", "serial:/dev/…?baud=115200", "pty:/dev/pts/3"; a path may be
// a symbolic link.
struct PortAddress {
  enum class Kind { automatic, serial, pty };
  Kind kind = Kind::automatic;
  std::string path = {};
  int baud = 115200;      // USB modems ignore it
  std::string imei = {};  // of automatic: 14 to 16 digits; empty: any modem
};
// Errc::bad_input says which forms there are.
[[nodiscard]] Result<PortAddress> parse_port_url(std::string_view url);

// A node that changed so little time ago may still be the kernel's: udev is about to give it to its group.
inline constexpr seconds kUdevTime{5};
// Why `device` cannot be opened. EACCES is Errc::busy while its node, which changed `age` ago, is young:
// worth a wait, and no advice on permissions.
[[nodiscard]] Error refusal(const std::string& device, int error_number, milliseconds age);

class SerialPort {
 public:
  // Raw, 8N1, no flow control. Errc::not_found: no such device; denied: no permission (the message names the
  // group that helps); busy: none yet, see refusal(); conflict: another program holds it; bad_input: not a
  // terminal. `address` is not automatic.
  [[nodiscard]] static Result<SerialPort> open(const PortAddress& address);

  [[nodiscard]] const std::string& device() const { return device_; }  // the resolved path

  struct Readiness {
    bool readable = false;
    bool woken = false;
    bool other = false;  // none: the deadline passed
  };
  // One poll(2): until read() has something to tell, `wakeup` (may be null) is notified, the descriptor
  // `other` (-1: none) is readable or hung up, or `deadline` passes. Errc::disconnected: the device is gone.
  [[nodiscard]] Result<Readiness> wait(SteadyTime deadline, const Wakeup* wakeup = nullptr,
                                       int other = -1) const;
  [[nodiscard]] int fd() const { return fd_.get(); }  // borrowed, for poll(2)

  // What has arrived, at most `buffer`; 0 when nothing has. Errc::disconnected: the device is gone.
  [[nodiscard]] Result<std::size_t> read(std::span<char> buffer) const;

  // All of `bytes` or an error; Errc::timeout when the device does not take them until `deadline`.
  [[nodiscard]] Result<void> write(std::string_view bytes, SteadyTime deadline) const;

 private:
  SerialPort(Fd fd, std::string device) : fd_(std::move(fd)), device_(std::move(device)) {}

  Fd fd_;
  std::string device_;
};

}  // namespace pigeon::modem
