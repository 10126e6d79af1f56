// The server's sockets are closed from outside the library, by looking through this process's open files: the
// library hands out neither the socket of a request nor a way to hang up on those who keep their connection
// open.
#include "sim/x/local_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "base/fd.h"

namespace pigeon::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBody = 65536;
constexpr int kAnyPeer = 0;

std::optional<int> port_of(int fd, decltype(&::getsockname) end) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  sockaddr generic{};
  static_assert(sizeof generic == sizeof address);
  if (end(fd, &generic, &length) != 0 || generic.sa_family != AF_INET) return std::nullopt;
  std::memcpy(&address, &generic, sizeof address);
  return ntohs(address.sin_port);
}

std::optional<int> descriptor_of(const fs::path& entry) {
  const std::string name = entry.filename();
  int fd = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), fd);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return fd;
}

// Shuts the accepted connections of `local_port` down, all or the one from `peer_port`. Works on a duplicate
// of each descriptor, so that a number reused by another thread meanwhile is never touched.
void shut_connections(int local_port, int peer_port) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc/self/fd", ignored)) {
    const std::optional<int> number = descriptor_of(entry.path());
    if (!number) continue;
    const Fd copy(::fcntl(*number, F_DUPFD_CLOEXEC, 0));
    if (!copy || port_of(copy.get(), &::getsockname) != local_port) continue;
    const std::optional<int> peer = port_of(copy.get(), &::getpeername);
    if (!peer || (peer_port != kAnyPeer && *peer != peer_port)) continue;
    ::shutdown(copy.get(), SHUT_RDWR);
  }
}

}  // namespace

LocalServer::LocalServer(const std::string& host, int port, std::size_t threads) {
  server_.set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server_.set_tcp_nodelay(true);
  server_.set_payload_max_length(kMaxBody);
  server_.set_keep_alive_max_count(1'000'000);
  server_.new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
  port_ = port == 0 ? server_.bind_to_any_port(host) : (server_.bind_to_port(host, port) ? port : -1);
  if (port_ <= 0) {
    throw std::runtime_error("listen on " + host + ":" + std::to_string(port) +
                             ": the address is in use or not ours");
  }
}

LocalServer::~LocalServer() {
  stop();
}

void LocalServer::start() {
  thread_ = std::thread([this] { server_.listen_after_bind(); });
  // stop() does nothing before the loop runs, so nobody may come to call it earlier.
  while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void LocalServer::stop() {
  if (!thread_.joinable()) return;
  server_.stop();
  shut_connections(port_, kAnyPeer);
  thread_.join();
}

void LocalServer::drop_connection(const httplib::Request& request) const {
  shut_connections(port_, request.remote_port);
}

}  // namespace pigeon::sim
