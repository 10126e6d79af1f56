// The socket that the web server listens on: a loopback address or a Unix socket, never anything that the
// network reaches, because TLS and everything that faces strangers belongs to the front before it.
#pragma once

#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

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

// A listening, non-blocking socket. A Unix socket has mode 0660 and its file is removed at the end.
class Listener {
 public:
  // Errc::conflict: somebody listens there already. A socket file that nobody listens on is replaced; a file
  // that is no socket is left alone (Errc::conflict).
  [[nodiscard]] static Result<Listener> open(const ListenAddress& address);

  Listener(Listener&& other) noexcept;  // `other` listens no more and removes no file
  Listener& operator=(Listener&&) = delete;
  Listener(const Listener&) = delete;
  ~Listener();

  [[nodiscard]] int fd() const { return fd_.get(); }  // for poll(2) and accept(2); -1 after close()
  [[nodiscard]] int port() const { return port_; }    // 0 for a Unix socket
  void close();                                       // nobody new from here on; removes the socket file

 private:
  Listener(Fd fd, int port, std::string path) : fd_(std::move(fd)), port_(port), path_(std::move(path)) {}
  Fd fd_;
  int port_;
  std::string path_;  // the socket file, ours to remove
};

}  // namespace pigeon::web
