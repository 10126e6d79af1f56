// posix_openpt(3) for the line, inotify(7) for who has it open; see pty.h.
#include "sim/modem/pty.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace pigeon::sim {
namespace {

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

Fd open_master() {
  Fd master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  if (!master) throw_errno("posix_openpt");
  if (::grantpt(master.get()) != 0) throw_errno("grantpt");
  if (::unlockpt(master.get()) != 0) throw_errno("unlockpt");
  return master;
}

std::string slave_path(const Fd& master) {
  std::array<char, 128> path{};
  if (::ptsname_r(master.get(), path.data(), path.size()) != 0) throw_errno("ptsname");
  return path.data();
}

}  // namespace

Pty::Pty(std::string link) : master_(open_master()), device_(slave_path(master_)), link_(std::move(link)) {
  slave_ = Fd(::open(device_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!slave_) throw_errno(device_.c_str());
  reset_line();
  notices_ = Fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!notices_) throw_errno("inotify_init1");
  if (::inotify_add_watch(notices_.get(), device_.c_str(), IN_OPEN | IN_CLOSE) < 0) throw_errno("inotify");
  if (!link_.empty()) make_link();
}

Pty::~Pty() {
  if (link_.empty()) return;
  std::error_code ignored;
  if (std::filesystem::read_symlink(link_, ignored) == device_) std::filesystem::remove(link_, ignored);
}

// The kernel gives a number back when both sides are closed, and takes the path away with the master.
Fd Pty::keep_number() const {
  return Fd(::fcntl(slave_.get(), F_DUPFD_CLOEXEC, 0));
}

void Pty::make_link() const {
  namespace fs = std::filesystem;
  const fs::file_status status = fs::symlink_status(link_);
  if (fs::is_symlink(status)) {
    fs::remove(link_);
  } else if (fs::exists(status)) {
    throw std::runtime_error(link_ + ": exists and is not a symlink");
  }
  fs::create_symlink(device_, link_);
}

void Pty::reset_line() {
  termios line{};
  if (::tcgetattr(slave_.get(), &line) != 0) throw_errno("tcgetattr");
  ::cfmakeraw(&line);
  if (::tcsetattr(slave_.get(), TCSANOW, &line) != 0) throw_errno("tcsetattr");
  ::ioctl(slave_.get(), TIOCNXCL);
}

bool Pty::update_clients() {
  alignas(inotify_event) std::array<char, 4096> buffer;
  bool last_one_left = false;
  for (;;) {
    const ssize_t got = ::read(notices_.get(), buffer.data(), buffer.size());
    if (got <= 0) break;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      clients_ += (event.mask & IN_OPEN) != 0 ? 1 : 0;
      clients_ -= (event.mask & IN_CLOSE) != 0 ? 1 : 0;
      last_one_left = last_one_left || clients_ == 0;
      at += sizeof event + event.len;
    }
  }
  if (!last_one_left) return false;
  ::tcflush(slave_.get(), TCIFLUSH);
  if (clients_ == 0) reset_line();  // else the next one has made its own settings already
  return true;
}

std::size_t Pty::read(std::span<char> buffer) {
  const ssize_t got = ::read(master_.get(), buffer.data(), buffer.size());
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

std::size_t Pty::write(std::string_view bytes) {
  const ssize_t put = ::write(master_.get(), bytes.data(), bytes.size());
  return put > 0 ? static_cast<std::size_t>(put) : 0;
}

}  // namespace pigeon::sim
