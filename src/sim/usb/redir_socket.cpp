// poll(2) between the socket and the terminal; see redir_socket.h.
#include "sim/usb/redir_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace pigeon::sim {
namespace {

[[noreturn]] void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

Fd listen_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    throw std::runtime_error(path + ": not a path for a socket");
  std::memcpy(address.sun_path, path.data(), path.size());
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode)) throw std::runtime_error(path + ": exists and is not a socket");
    ::unlink(path.c_str());
  }
  Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener) throw_errno("socket");
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(listener.get(), generic, sizeof address) != 0) throw_errno(path);
  if (::listen(listener.get(), 1) != 0) throw_errno(path);
  return listener;
}

// What is there now, at most a buffer; nothing: the other end has gone.
std::optional<std::string> read_some(const Fd& fd) {
  std::array<char, 65536> buffer;
  const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
  if (got > 0) return std::string(buffer.data(), static_cast<std::size_t>(got));
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::string();
  return std::nullopt;
}

void write_some(const Fd& fd, std::string& octets) {
  if (octets.empty() || !fd) return;
  ssize_t put = ::send(fd.get(), octets.data(), octets.size(), MSG_NOSIGNAL);  // a host may go at any moment
  if (put < 0 && errno == ENOTSOCK) put = ::write(fd.get(), octets.data(), octets.size());
  if (put > 0) octets.erase(0, static_cast<std::size_t>(put));
}

}  // namespace

RedirSocket::RedirSocket(SimModem& modem, const UsbStick& stick, std::string path)
    : modem_(modem), stick_(stick), path_(std::move(path)), listener_(listen_at(path_)), thread_([this] {
        run();
      }) {}

RedirSocket::~RedirSocket() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wakeup_.notify();
  thread_.join();
  ::unlink(path_.c_str());
}

void RedirSocket::unplug() {
  const std::lock_guard lock(mutex_);
  plugged_ = false;
  changed_ = true;
  wakeup_.notify();
}

void RedirSocket::plug_in() {
  const std::lock_guard lock(mutex_);
  plugged_ = true;
  changed_ = true;
  wakeup_.notify();
}

void RedirSocket::run() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      if (std::exchange(changed_, false)) {
        shown_ = nullptr;
        terminal_.reset();
        if (device_) device_->unplug();
        if (plugged_) show(stick_);
      }
    }
    flush();
    const auto events = [](const std::string& octets) {
      return static_cast<short>(octets.empty() ? POLLIN : POLLIN | POLLOUT);
    };
    std::array<pollfd, 4> polled{{{wakeup_.fd(), POLLIN, 0},
                                  {host_ ? -1 : listener_.get(), POLLIN, 0},
                                  {host_.get(), events(to_host_), 0},
                                  {terminal_.get(), events(to_modem_), 0}}};
    ::poll(polled.data(), polled.size(), -1);
    wakeup_.clear();
    if ((polled[1].revents & POLLIN) != 0) accept_host();
    serve(polled[2].revents, polled[3].revents);
  }
}

void RedirSocket::accept_host() {
  host_ = Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!host_) return;
  device_.emplace();
  if (shown_ != nullptr) device_->plug_in(*shown_);
}

// The stick stands in the socket; a stick that has a modem behind it opens that modem's terminal.
void RedirSocket::show(const UsbStick& stick) {
  shown_ = &stick;
  to_modem_.clear();
  if (stick.at_interface >= 0) {
    terminal_ = Fd(::open(modem_.device().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    termios line{};
    if (terminal_ && ::tcgetattr(terminal_.get(), &line) == 0) {
      ::cfmakeraw(&line);
      ::tcsetattr(terminal_.get(), TCSANOW, &line);
    }
  }
  if (device_) device_->plug_in(stick);
}

void RedirSocket::serve(short host_events, short modem_events) {
  if (host_events != 0 && host_) {
    const auto octets = read_some(host_);
    const bool sound = octets && (octets->empty() || [&] {
                         const auto understood = device_->receive(*octets);
                         if (!understood) std::cerr << "pigeon-sim: " << understood.error().message << "\n";
                         return understood.has_value();
                       }());
    if (!sound) drop_host();
  }
  if ((modem_events & (POLLIN | POLLHUP | POLLERR)) != 0) read_modem();
  if (device_ && device_->switch_asked()) {
    if (const UsbStick* other = find_usb_stick(shown_->switches_to)) show(*other);
  }
}

void RedirSocket::read_modem() {
  const auto octets = read_some(terminal_);
  if (!octets) {  // unplugged: the modem's terminal is gone
    terminal_.reset();
    return;
  }
  if (device_) device_->from_modem(*octets);
}

void RedirSocket::drop_host() {
  host_.reset();
  device_.reset();
  to_host_.clear();
}

void RedirSocket::flush() {
  if (device_) {
    to_host_ += device_->take_output();
    to_modem_ += device_->take_for_modem();
  }
  write_some(host_, to_host_);
  write_some(terminal_, to_modem_);
}

}  // namespace pigeon::sim
