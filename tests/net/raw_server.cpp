// A server of bare bytes on loopback; see raw_server.h.
#include "tests/net/raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <stdexcept>
#include <system_error>

#include "base/text.h"

namespace pigeon::testing {
namespace {

[[noreturn]] void give_up(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// False when the server stops first.
bool wait_readable(int fd, int stop_fd) {
  std::array<pollfd, 2> waits{{{fd, POLLIN, 0}, {stop_fd, POLLIN, 0}}};
  while (::poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) {
  }
  return waits[1].revents == 0;
}

std::size_t content_length(std::string_view head) {
  const std::string lower = ascii_lower(head);
  constexpr std::string_view kName = "\r\ncontent-length:";
  const auto at = lower.find(kName);
  if (at == std::string::npos) return 0;
  const std::string_view value = trim(std::string_view(lower).substr(at + kName.size(), 20));
  std::size_t length = 0;
  std::from_chars(value.data(), value.data() + value.size(), length);
  return length;
}

}  // namespace

std::string RawConnection::read_some() {
  if (!wait_readable(fd_, stop_fd_)) return {};
  std::string buffer(256 * 1024, '\0');
  const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
  buffer.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return buffer;
}

std::optional<std::string> RawConnection::read_request() {
  for (;;) {
    const auto head = unread_.find("\r\n\r\n");
    if (head != std::string::npos) {
      const std::size_t size = head + 4 + content_length(std::string_view(unread_).substr(0, head + 2));
      if (unread_.size() >= size) {
        std::string request = unread_.substr(0, size);
        unread_.erase(0, size);
        return request;
      }
    }
    const std::string more = read_some();
    if (more.empty()) return std::nullopt;
    unread_ += more;
  }
}

void RawConnection::write(std::string_view octets) {
  while (!octets.empty()) {
    std::array<pollfd, 2> waits{{{fd_, POLLOUT, 0}, {stop_fd_, POLLIN, 0}}};
    ::poll(waits.data(), waits.size(), -1);
    if (waits[1].revents != 0) return;
    const ssize_t sent = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return;
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawConnection::wait_for_client_to_leave() {
  while (!read_some().empty()) {
  }
}

void RawConnection::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

std::string http_answer(int status, std::string_view body, std::string_view extra_headers) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(extra_headers) + "\r\n" + std::string(body);
}

RawServer::RawServer(Serve serve)
    : serve_(std::move(serve)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (!listener_ || ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_.get(), 16) != 0 ||
      ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    give_up("raw server");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

RawServer::~RawServer() {
  stop_.notify();
  thread_.join();
}

std::string RawServer::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

void RawServer::wait_until_closed(int count) const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (closed_ < count) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("raw server: nothing was closed");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void RawServer::run() {
  while (wait_readable(listener_.get(), stop_.fd())) {
    Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client) continue;
    ++connections_;
    RawConnection connection(client.get(), stop_.fd());
    serve_(connection);
    client.reset();
    ++closed_;
  }
}

}  // namespace pigeon::testing
