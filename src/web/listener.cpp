// Parsing and binding of the listen address; see listener.h.
#include "web/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace pigeon::web {
namespace {

constexpr int kBacklog = 64;
constexpr mode_t kSocketMode = 0660;

std::optional<int> parse_port(std::string_view text) {
  int port = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || rest != end || text.empty() || port < 0 || port > 65535) return std::nullopt;
  return port;
}

bool is_loopback(ListenAddress::Family family, const std::string& host) {
  if (family == ListenAddress::Family::ipv6) {
    in6_addr address{};
    return inet_pton(AF_INET6, host.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address);
  }
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

tl::unexpected<Error> bad_listen(std::string_view listen, std::string_view why) {
  return fail(Errc::bad_input, "listen \"" + std::string(listen) + "\": " + std::string(why));
}

// A socket address of any family with the length that bind(2) and connect(2) want.
struct SocketAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
    sockaddr_un local;
  };
  socklen_t length = 0;
};

SocketAddress socket_address(const ListenAddress& address) {
  SocketAddress out;
  std::memset(&out.local, 0, sizeof out.local);
  switch (address.family) {
    case ListenAddress::Family::ipv4:
      out.v4.sin_family = AF_INET;
      out.v4.sin_port = htons(static_cast<in_port_t>(address.port));
      inet_pton(AF_INET, address.host.c_str(), &out.v4.sin_addr);
      out.length = sizeof out.v4;
      break;
    case ListenAddress::Family::ipv6:
      out.v6.sin6_family = AF_INET6;
      out.v6.sin6_port = htons(static_cast<in_port_t>(address.port));
      inet_pton(AF_INET6, address.host.c_str(), &out.v6.sin6_addr);
      out.length = sizeof out.v6;
      break;
    case ListenAddress::Family::unix_socket:
      out.local.sun_family = AF_UNIX;
      std::memcpy(out.local.sun_path, address.path.data(), address.path.size());
      out.length = sizeof out.local;
      break;
  }
  return out;
}

Fd new_socket(int family) {
  return Fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// A file that a listener which is gone left behind: connecting to it is refused.
bool is_stale(const std::string& path, const SocketAddress& address) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return false;
  const Fd probe = new_socket(AF_UNIX);
  return probe && ::connect(probe.get(), &address.any, address.length) != 0 && errno == ECONNREFUSED;
}

Result<void> bind_unix(const Fd& fd, const std::string& path, const SocketAddress& address) {
  // Linux gives the file the mode of the socket, so it is at no moment open to others.
  if (::fchmod(fd.get(), kSocketMode) != 0) return fail_errno(path, errno);
  int bound = ::bind(fd.get(), &address.any, address.length);
  if (bound != 0 && errno == EADDRINUSE && is_stale(path, address)) {
    ::unlink(path.c_str());
    bound = ::bind(fd.get(), &address.any, address.length);
  }
  if (bound != 0 && errno == EADDRINUSE) {
    return fail(Errc::conflict, path + ": in use by another program; set [web] listen to another path");
  }
  if (bound != 0) return fail_errno(path, errno);
  if (::chmod(path.c_str(), kSocketMode) != 0) return fail_errno(path, errno);  // what the umask took away
  return {};
}

Result<void> bind_tcp(const Fd& fd, const ListenAddress& address, const SocketAddress& socket_address) {
  // SO_REUSEADDR lets a restart bind past TIME_WAIT; SO_REUSEPORT would let two daemons share the port
  // unnoticed.
  const int on = 1;
  const std::string name = address.host + ":" + std::to_string(address.port);
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return fail_errno(name, errno);
  if (::bind(fd.get(), &socket_address.any, socket_address.length) == 0) return {};
  if (errno == EADDRINUSE) {
    return fail(Errc::conflict, name + ": in use by another program; set [web] listen to another port");
  }
  return fail_errno(name, errno);
}

int bound_port(const Fd& fd) {
  SocketAddress address;
  std::memset(&address.local, 0, sizeof address.local);
  address.length = sizeof address.local;
  if (::getsockname(fd.get(), &address.any, &address.length) != 0) return 0;
  return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

}  // namespace

Result<ListenAddress> parse_listen(std::string_view listen) {
  ListenAddress address;
  if (listen.starts_with("unix:")) {
    address.family = ListenAddress::Family::unix_socket;
    address.path = listen.substr(5);
    if (!address.path.starts_with('/')) return bad_listen(listen, "the socket's path must begin with /");
    if (address.path.size() >= sizeof sockaddr_un::sun_path)
      return bad_listen(listen, "the path is too long");
    return address;
  }
  const std::size_t colon = listen.rfind(':');
  const auto port = colon == std::string_view::npos ? std::nullopt : parse_port(listen.substr(colon + 1));
  if (!port) return bad_listen(listen, "expected 127.0.0.1:<port>, [::1]:<port> or unix:<path>");
  std::string_view host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    address.family = ListenAddress::Family::ipv6;
  }
  address.host = host == "localhost" ? "127.0.0.1" : host;
  address.port = *port;
  if (!is_loopback(address.family, address.host)) {
    return bad_listen(
        listen, "only loopback addresses (127.0.0.1, [::1]) and Unix sockets; put a TLS front before it");
  }
  return address;
}

Result<Listener> Listener::open(const ListenAddress& address) {
  const SocketAddress where = socket_address(address);
  Fd fd = new_socket(where.any.sa_family);
  if (!fd) return fail_errno("socket", errno);
  const bool local = address.family == ListenAddress::Family::unix_socket;
  const auto bound = local ? bind_unix(fd, address.path, where) : bind_tcp(fd, address, where);
  if (!bound) return tl::make_unexpected(bound.error());
  if (::listen(fd.get(), kBacklog) != 0) return fail_errno("listen", errno);
  const int port = local ? 0 : bound_port(fd);
  return Listener(std::move(fd), port, local ? address.path : std::string());
}

Listener::Listener(Listener&& other) noexcept
    : fd_(std::move(other.fd_)), port_(other.port_), path_(std::exchange(other.path_, {})) {}

Listener::~Listener() {
  close();
}

void Listener::close() {
  fd_.reset();
  if (!path_.empty()) ::unlink(path_.c_str());
  path_.clear();
}

}  // namespace pigeon::web
