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

Fd open_raw(const std::string& terminal) {
  Fd fd(::open(terminal.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  termios line{};
  if (fd && ::tcgetattr(fd.get(), &line) == 0) {
    ::cfmakeraw(&line);
    ::tcsetattr(fd.get(), TCSANOW, &line);
  }
  return fd;
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

RedirSocket::RedirSocket(const std::vector<SimModem*>& ports, const UsbStick& stick, std::string path)
    : stick_(stick), path_(std::move(path)), listener_(listen_at(path_)) {
  for (SimModem* modem : ports) ports_.push_back({modem});
  thread_ = std::thread([this] { run(); });
}

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
        for (Port& port : ports_) port.terminal.reset();
        if (device_) device_->unplug();
        if (plugged_) show(stick_);
      }
    }
    flush();
    const auto events = [](const std::string& octets) {
      return static_cast<short>(octets.empty() ? POLLIN : POLLIN | POLLOUT);
    };
    std::vector<pollfd> polled{{wakeup_.fd(), POLLIN, 0},
                               {host_ ? -1 : listener_.get(), POLLIN, 0},
                               {host_.get(), events(to_host_), 0}};
    const std::size_t first_port = polled.size();
    for (const Port& port : ports_) polled.push_back({port.terminal.get(), events(port.to_modem), 0});
    ::poll(polled.data(), polled.size(), -1);
    wakeup_.clear();
    if ((polled[1].revents & POLLIN) != 0) accept_host();
    if (polled[2].revents != 0 && host_) serve_host();
    for (std::size_t port = 0; port < ports_.size(); ++port) {
      if ((polled[first_port + port].revents & (POLLIN | POLLHUP | POLLERR)) != 0) read_modem(port);
    }
    if (device_ && device_->switch_asked()) {
      if (const UsbStick* other = find_usb_stick(shown_->switches_to)) show(*other);
    }
  }
}

void RedirSocket::accept_host() {
  host_ = Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!host_) return;
  device_.emplace();
  if (shown_ != nullptr) device_->plug_in(*shown_);
}

// The stick stands in the socket; a stick that has a modem behind it opens the terminals of that modem.
void RedirSocket::show(const UsbStick& stick) {
  shown_ = &stick;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    Port& port = ports_[i];
    port.to_modem.clear();
    if (i < stick.at_interfaces.size()) port.terminal = open_raw(port.modem->device());
  }
  if (device_) device_->plug_in(stick);
}

void RedirSocket::serve_host() {
  const auto octets = read_some(host_);
  const bool sound = octets && (octets->empty() || [&] {
                       const auto understood = device_->receive(*octets);
                       if (!understood) std::cerr << "pigeon-sim: " << understood.error().message << "\n";
                       return understood.has_value();
                     }());
  if (!sound) drop_host();
}

void RedirSocket::read_modem(std::size_t port) {
  const auto octets = read_some(ports_[port].terminal);
  if (!octets) {  // unplugged: the modem's terminal is gone
    ports_[port].terminal.reset();
    return;
  }
  if (device_) device_->from_modem(port, *octets);
}

void RedirSocket::drop_host() {
  host_.reset();
  device_.reset();
  to_host_.clear();
}

void RedirSocket::flush() {
  if (device_) {
    to_host_ += device_->take_output();
    for (std::size_t port = 0; port < ports_.size(); ++port)
      ports_[port].to_modem += device_->take_for_modem(port);
  }
  write_some(host_, to_host_);
  for (Port& port : ports_) write_some(port.terminal, port.to_modem);
}

}  // namespace pigeon::sim
