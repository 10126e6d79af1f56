// Parsing and binding of the listen address; see listener.h.
#include "web/listener.h"

#include <arpa/inet.h>
#include <grp.h>
#include <httplib.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "base/fd.h"

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

// A file that a listener which is gone left behind: connecting to it is refused.
bool is_stale(const std::string& path) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return probe && ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
         errno == ECONNREFUSED;
}

// Before the library binds `fd`. Its own choice, SO_REUSEPORT, would let two daemons share the port
// unnoticed; SO_REUSEADDR lets a restart bind past TIME_WAIT. Linux gives a socket's file the mode of the
// socket, so it is at no moment open to others.
void prepare(int fd, bool local) {
  const int on = 1;
  if (local)
    ::fchmod(fd, kSocketMode);
  else
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

std::string name_of(const ListenAddress& address) {
  if (address.family == ListenAddress::Family::unix_socket) return address.path;
  return address.host + ":" + std::to_string(address.port);
}

tl::unexpected<Error> why_not(const ListenAddress& address, int error) {
  const std::string name = name_of(address);
  if (error == EADDRINUSE) {
    const bool local = address.family == ListenAddress::Family::unix_socket;
    return fail(Errc::conflict, name + ": in use by another program; set [web] listen to another " +
                                    (local ? "path" : "port"));
  }
  return error == 0 ? fail(Errc::unsupported, name + ": this machine has no such address")
                    : fail_errno(name, error);
}

// The library says by false that it could not, and leaves errno as the last call of the system set it.
Result<int> bind_to(httplib::Server& server, const ListenAddress& address) {
  errno = 0;
  if (address.family == ListenAddress::Family::unix_socket) {
    if (is_stale(address.path)) ::unlink(address.path.c_str());
    server.set_address_family(AF_UNIX);
    constexpr int kAnyNumber = 1;  // has no meaning here; 0 would mean to ask for the one that was given
    if (!server.bind_to_port(address.path, kAnyNumber)) return why_not(address, errno);
    return 0;
  }
  const bool any = address.port == 0;
  const int port = any ? server.bind_to_any_port(address.host, AI_NUMERICHOST)
                   : server.bind_to_port(address.host, address.port, AI_NUMERICHOST) ? address.port
                                                                                     : -1;
  if (port < 0) return why_not(address, errno);
  return port;
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

Result<Listener> Listener::open(httplib::Server& server, const ListenAddress& address) {
  const bool local = address.family == ListenAddress::Family::unix_socket;
  int fd = -1;
  server.set_socket_options([&fd, local](int socket) {
    fd = socket;
    prepare(socket, local);
  });
  const auto port = bind_to(server, address);
  server.set_socket_options([](int) {});  // `fd` is of this call
  if (!port) return tl::make_unexpected(port.error());
  Listener listener(fd, *port, local ? address.path : std::string());
  if (::listen(fd, kBacklog) != 0) return fail_errno("listen", errno);  // the library's own 5 are few
  if (local && ::chmod(address.path.c_str(), kSocketMode) != 0)         // what the umask took away
    return fail_errno(address.path, errno);
  return listener;
}

Listener::Listener(Listener&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), port_(other.port_), path_(std::exchange(other.path_, {})) {}

Listener::~Listener() {
  if (fd_ >= 0) ::close(fd_);
  remove_file();
}

Result<void> Listener::give_to(const std::string& group) const {
  if (path_.empty()) return {};
  std::array<char, 4096> buffer{};
  struct group entry {};
  struct group* found = nullptr;
  const int error = ::getgrnam_r(group.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (error != 0) return fail_errno("group " + group, error);
  if (found == nullptr) return {};
  if (::chown(path_.c_str(), static_cast<uid_t>(-1), entry.gr_gid) != 0)
    return fail_errno(path_ + " cannot be given to the group " + group, errno);
  return {};
}

void Listener::remove_file() {
  if (!path_.empty()) ::unlink(path_.c_str());
  path_.clear();
}

Result<void> can_listen(const ListenAddress& address) {
  httplib::Server server;
  const auto listener = Listener::open(server, address);
  if (!listener) return tl::make_unexpected(listener.error());
  return {};
}

}  // namespace pigeon::web
