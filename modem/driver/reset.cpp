// Writing without hope of an answer; see reset.h.
#include "modem/driver/reset.h"

#include <array>
#include <string_view>

#include "base/file.h"
#include "modem/port/serial_port.h"

namespace pigeon::modem {
namespace {

constexpr std::size_t kMostHeard = 4096;  // of what a modem says meanwhile

// Hears what comes until `deadline`, or until an OK or an ERROR. True: an OK.
Result<bool> listen(const SerialPort& port, SteadyTime deadline) {
  std::string heard;
  std::array<char, 256> buffer{};
  while (steady_now() < deadline) {
    const auto ready = port.wait(deadline);
    if (!ready) return tl::unexpected(ready.error());
    const auto size = port.read(buffer);
    if (!size) return tl::unexpected(size.error());
    if (heard.size() < kMostHeard) heard.append(buffer.data(), *size);
    if (heard.find("\r\nOK\r\n") != std::string::npos) return true;
    if (heard.find("ERROR") != std::string::npos) return false;
  }
  return false;
}

}  // namespace

Result<void> reset_modem(const std::string& device, int baud, ModemReset how,
                         const std::atomic<bool>& stopping, const ResetTimes& times) {
  PortAddress address;
  address.path = follow_links(device);
  address.kind = address.path.starts_with("/dev/pts/") ? PortAddress::Kind::pty : PortAddress::Kind::serial;
  address.baud = baud;
  const auto port = SerialPort::open(address);
  if (!port) return tl::unexpected(port.error());
  const auto say = [&](std::string_view line, milliseconds time) -> Result<bool> {
    if (auto written = port->write(line, steady_now() + times.answer); !written)
      return tl::unexpected(written.error());
    return listen(*port, steady_now() + time);
  };
  if (auto left = say("\x1b\r", times.quiet); !left) return tl::unexpected(left.error());
  if (stopping) return {};
  if (how == ModemReset::reboot) {
    const auto told = say("AT+CFUN=1,1\r", times.answer);
    return told ? Result<void>() : tl::unexpected(told.error());
  }
  if (auto off = say("AT+CFUN=4\r", times.answer); !off) return tl::unexpected(off.error());
  // A line that comes while the first is carried out may only end that one (TS 27.007 §8.2).
  for (int tries = 0; tries < 2; ++tries) {
    const auto on = say("AT+CFUN=1\r", times.answer);
    if (!on) return tl::unexpected(on.error());
    if (*on) break;
  }
  return {};
}

}  // namespace pigeon::modem
