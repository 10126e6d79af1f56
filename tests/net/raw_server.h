// A server of bare bytes on loopback for tests of clients: it reads whole HTTP requests, counts them, and
// answers with whatever a test wants, which no well-behaved HTTP library would send.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "base/wakeup.h"

namespace pigeon::testing {

// One accepted connection, on the server's thread.
class RawConnection {
 public:
  RawConnection(int fd, int stop_fd) : fd_(fd), stop_fd_(stop_fd) {}

  // Headers and the body that Content-Length announces; nothing when the client left or the server stops.
  [[nodiscard]] std::optional<std::string> read_request();
  // What one recv(2) returns; empty when the client left or the server stops.
  [[nodiscard]] std::string read_some();
  void write(std::string_view octets);  // as far as the client takes it
  void wait_for_client_to_leave();
  void reset();                                 // RST instead of FIN when the connection ends
  [[nodiscard]] int fd() const { return fd_; }  // for a protocol of one's own, such as TLS

 private:
  int fd_;
  int stop_fd_;
  std::string unread_;
};

// "HTTP/1.1 <status>" with a Content-Length.
[[nodiscard]] std::string http_answer(int status, std::string_view body, std::string_view extra_headers = "");

// Serves one connection at a time; `serve` returns to close it.
class RawServer {
 public:
  using Serve = std::function<void(RawConnection&)>;

  explicit RawServer(Serve serve);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  [[nodiscard]] std::string url(std::string_view path = "/") const;
  [[nodiscard]] int connections() const { return connections_; }  // accepted so far
  [[nodiscard]] int closed() const { return closed_; }            // of these, how many have ended
  void wait_until_closed(int count) const;

 private:
  void run();

  Serve serve_;
  Fd listener_;
  int port_ = 0;
  Wakeup stop_;
  std::atomic<int> connections_ = 0;
  std::atomic<int> closed_ = 0;
  std::thread thread_;
};

}  // namespace pigeon::testing
