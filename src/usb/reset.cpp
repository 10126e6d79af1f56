// See reset.h.
#include "usb/reset.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <regex>
#include <string_view>
#include <thread>

#include "base/fd.h"

namespace pigeon::usb {
namespace {

constexpr int kMostTries = 5;
constexpr std::size_t kLongest = 32;  // a path of the seven tiers that USB has is shorter

Result<void> authorise(const std::string& file, std::string_view value) {
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd || ::write(fd.get(), value.data(), value.size()) != static_cast<ssize_t>(value.size()))
    return fail_errno(file, errno);
  return {};
}

}  // namespace

Result<std::string> take_request(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  const int error_number = errno;
  ::unlink(path.c_str());  // of a link, the link
  if (!fd) return fail_errno(path, error_number);
  struct stat file {};
  if (::fstat(fd.get(), &file) != 0 || !S_ISREG(file.st_mode))
    return fail(Errc::bad_input, path + ": not a file");
  std::array<char, kLongest> buffer{};
  const ssize_t size = ::read(fd.get(), buffer.data(), buffer.size());
  if (size < 0) return fail_errno(path, errno);
  const std::string text(buffer.data(), static_cast<std::size_t>(size));
  static const std::regex device("([0-9]+-[0-9]+(\\.[0-9]+)*)\n");
  std::smatch found;
  if (!std::regex_match(text, found, device)) return fail(Errc::bad_input, path + ": names no USB device");
  return found[1].str();
}

Result<void> reset_device(const std::string& usb_path, const modem::UsbTree& tree, milliseconds pause) {
  const auto devices = modem::list_usb_devices(tree);
  const auto device = std::find_if(devices.begin(), devices.end(),
                                   [&](const modem::UsbDevice& one) { return one.usb_path == usb_path; });
  if (device == devices.end()) return fail(Errc::not_found, "USB device " + usb_path + ": not there");
  if (!device->has_serial)
    return fail(Errc::unsupported,
                "USB device " + usb_path + ": has no serial port, so it is no modem of ours");
  const std::string file = tree.sys + "/bus/usb/devices/" + usb_path + "/authorized";
  if (auto off = authorise(file, "0"); !off) return off;
  Result<void> on;
  for (int tries = 0; tries < kMostTries; ++tries) {  // whoever is left off needs a hand
    std::this_thread::sleep_for(pause);
    on = authorise(file, "1");
    if (on) break;
  }
  return on;
}

}  // namespace pigeon::usb
