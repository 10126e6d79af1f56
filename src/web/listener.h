// The socket that the web server listens on: a loopback address or a Unix socket, never anything that the
// network reaches, because TLS and everything that faces strangers belongs to the front before it. The HTTP
// library binds and serves; this adds what it does not know: which addresses are allowed, what an error
// means, and the file of a Unix socket.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace httplib {
class Server;
}

namespace pigeon::web {

struct ListenAddress {
  enum class Family { ipv4, ipv6, unix_socket };
  Family family = Family::ipv4;
  std::string host;  // "127.0.0.1", "::1"; empty for a Unix socket
  int port = 0;      // 0: any free one
  std::string path;  // of a Unix socket, at most 107 bytes
};

// "127.0.0.1:8080", "localhost:8080", "[::1]:8080" or "unix:/run/…/web.sock"; anything else is
// Errc::bad_input.
[[nodiscard]] Result<ListenAddress> parse_listen(std::string_view listen);

// A bound `httplib::Server`. One thread.
class Listener {
 public:
  // Binds `server`, which is fresh. Errc::conflict: somebody listens there already. A Unix socket has mode
  // 0660 from its first moment; a socket file that nobody listens on is replaced; a file that is no socket is
  // left alone (Errc::conflict).
  [[nodiscard]] static Result<Listener> open(httplib::Server& server, const ListenAddress& address);

  Listener(Listener&& other) noexcept;  // `other` owns nothing any more
  Listener& operator=(Listener&&) = delete;
  Listener(const Listener&) = delete;
  ~Listener();  // removes the socket file

  [[nodiscard]] int port() const { return port_; }  // 0 for a Unix socket
  // Gives a Unix socket to that group; nothing to do where the system has no such group.
  [[nodiscard]] Result<void> give_to(const std::string& group) const;
  // The library serves, and closes the socket by itself.
  void serves() { fd_ = -1; }
  void remove_file();  // of a Unix socket: nobody new finds it

 private:
  Listener(int fd, int port, std::string path) : fd_(fd), port_(port), path_(std::move(path)) {}
  int fd_;  // the library's, which does not close what it never served
  int port_;
  std::string path_;  // the socket file, ours to remove
};

// Whether open() would succeed now; nobody is served meanwhile.
[[nodiscard]] Result<void> can_listen(const ListenAddress& address);

}  // namespace pigeon::web
