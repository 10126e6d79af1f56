// Sockets of the raw client; see raw_http.h.
#include "tests/web/raw_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace pigeon::testing {
namespace {

bool wait_for(int fd, short events, SteadyTime deadline) {
  pollfd entry{.fd = fd, .events = events, .revents = 0};
  for (;;) {
    const int ready = ::poll(&entry, 1, poll_timeout(deadline));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

}  // namespace

RawClient::RawClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<in_port_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ = ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

RawClient::RawClient(const std::string& unix_path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, unix_path.data(), std::min(unix_path.size(), sizeof address.sun_path - 1));
  connected_ = ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

std::size_t RawClient::send(std::string_view bytes, milliseconds timeout) {
  const SteadyTime deadline = steady_now() + timeout;
  std::size_t taken = 0;
  while (taken < bytes.size() && wait_for(fd_.get(), POLLOUT, deadline)) {
    const ssize_t sent =
        ::send(fd_.get(), bytes.data() + taken, bytes.size() - taken, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) break;
    if (sent > 0) taken += static_cast<std::size_t>(sent);
  }
  return taken;
}

std::string RawClient::read_to_end(milliseconds timeout) {
  const SteadyTime deadline = steady_now() + timeout;
  std::string out;
  std::array<char, 4096> buffer;
  while (wait_for(fd_.get(), POLLIN, deadline)) {
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    closed_by_peer_ = got <= 0;
    if (closed_by_peer_) break;
    out.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return out;
}

std::string ask(int port, std::string_view request) {
  RawClient client(port);
  client.send(request);
  return client.read_to_end();
}

int status_of(std::string_view response) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  if (!response.starts_with(kVersion)) return 0;
  return std::atoi(std::string(response.substr(kVersion.size(), 3)).c_str());
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "pigeon-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace pigeon::testing
