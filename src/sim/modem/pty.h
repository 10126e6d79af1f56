// One pseudo-terminal as a serial port: the modem holds the master side, clients open the slave's path one
// after the other. Like a real port it drops what nobody listens to, and settings and exclusive locks end
// with the last client.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace pigeon::sim {

// Not thread-safe: one thread reads and writes. Closing it (the destructor) is a POLLHUP for the client.
class Pty {
 public:
  // Makes the pty, raw and without echo, and a symlink to it when `link` is not empty (an old symlink is
  // replaced). std::system_error when the system refuses; std::runtime_error when `link` exists and is no
  // symlink.
  explicit Pty(std::string link = {});
  ~Pty();  // removes the symlink unless it points elsewhere by now
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;

  [[nodiscard]] const std::string& device() const { return device_; }  // "/dev/pts/3"
  [[nodiscard]] int fd() const { return master_.get(); }               // for poll(2): bytes from the client
  [[nodiscard]] int clients_fd() const { return notices_.get(); }      // for poll(2): a client came or went

  // While it lives, no other pty gets this number, also when this one is closed; opening the old path fails.
  [[nodiscard]] Fd keep_number() const;

  // Takes note of clients that came and went since the last call. True when the last one has left: its
  // settings, its exclusive lock and the bytes it did not read are gone then, as on a real port.
  bool update_clients();
  [[nodiscard]] bool has_client() const { return clients_ > 0; }  // as of the last update_clients()

  // Bytes that are there now, 0 when there are none.
  [[nodiscard]] std::size_t read(std::span<char> buffer);
  // How many bytes were taken; fewer than offered when the client is slow to read.
  [[nodiscard]] std::size_t write(std::string_view bytes);

 private:
  void make_link() const;
  void reset_line();

  Fd master_;
  Fd slave_;  // held open, or the master would report EIO between two clients
  Fd notices_;
  std::string device_;
  std::string link_;
  int clients_ = 0;
};

}  // namespace pigeon::sim
