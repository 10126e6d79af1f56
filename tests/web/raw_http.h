// A client that says exactly the bytes it is told to, as slowly or endlessly as a test wants, and small
// helpers around temporary directories. For tests of what a well-behaved HTTP client cannot do.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/fd.h"

namespace pigeon::testing {

class RawClient {
 public:
  explicit RawClient(int port);  // 127.0.0.1
  explicit RawClient(const std::string& unix_path);

  [[nodiscard]] bool connected() const { return connected_; }
  // Sends everything or as much as the peer takes within `timeout`; returns the octets taken.
  std::size_t send(std::string_view bytes, milliseconds timeout = seconds(5));
  // Everything until the peer closes or `timeout` passes.
  [[nodiscard]] std::string read_to_end(milliseconds timeout = seconds(10));
  // Whether the peer closed (or reset) by the last read_to_end().
  [[nodiscard]] bool closed_by_peer() const { return closed_by_peer_; }

 private:
  Fd fd_;
  bool connected_ = false;
  bool closed_by_peer_ = false;
};

// Sends `request` and returns the whole answer.
[[nodiscard]] std::string ask(int port, std::string_view request);
// "HTTP/1.1 404 Not Found…" → 404; 0 when it is no response.
[[nodiscard]] int status_of(std::string_view response);

// A fresh directory, removed with everything in it at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace pigeon::testing
