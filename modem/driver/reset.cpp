// Writing without hope of an answer; see reset.h.
#include "modem/driver/reset.h"

#include <array>
#include <initializer_list>
#include <string_view>

#include "base/file.h"
#include "modem/port/serial_port.h"

namespace pigeon::modem {
namespace {

constexpr std::size_t kMostHeard = 4096;  // of what a modem says meanwhile

// Hears what comes until `deadline`, or until `wanted` stands in it.
Result<void> listen(const SerialPort& port, SteadyTime deadline,
                    std::initializer_list<std::string_view> wanted) {
  std::string heard;
  std::array<char, 256> buffer{};
  while (steady_now() < deadline) {
    const auto ready = port.wait(deadline);
    if (!ready) return tl::unexpected(ready.error());
    const auto size = port.read(buffer);
    if (!size) return tl::unexpected(size.error());
    if (heard.size() < kMostHeard) heard.append(buffer.data(), *size);
    for (const std::string_view word : wanted) {
      if (heard.find(word) != std::string::npos) return {};
    }
  }
  return {};
}

}  // namespace

Result<void> reset_modem(const std::string& device, ModemReset how, const ResetTimes& times) {
  PortAddress address;
  address.path = follow_links(device);
  address.kind = address.path.starts_with("/dev/pts/") ? PortAddress::Kind::pty : PortAddress::Kind::serial;
  const auto port = SerialPort::open(address);
  if (!port) return tl::unexpected(port.error());
  if (auto left = port->write("\x1b\r", steady_now() + times.answer); !left) return left;
  if (auto heard = listen(*port, steady_now() + times.quiet, {}); !heard) return heard;
  const auto say = [&](std::string_view line) -> Result<void> {
    if (auto written = port->write(line, steady_now() + times.answer); !written) return written;
    return listen(*port, steady_now() + times.answer, {"\r\nOK\r\n", "ERROR"});
  };
  if (how == ModemReset::reboot) return say("AT+CFUN=1,1\r");
  if (auto off = say("AT+CFUN=4\r"); !off) return off;
  return say("AT+CFUN=1\r");
}

}  // namespace pigeon::modem
