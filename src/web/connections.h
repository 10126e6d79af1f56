// Every connection of the web server, on one thread: accepts, reads whole requests within hard limits, has
// them answered by the worker pool and writes the answers. One request a connection.
//
//   reading → working → writing → draining → closed
//      └────── refused ────↑
//
// The HTTP library's own loop gives each connection a thread, for as long as it likes and with as much memory
// as the peer likes to send; here a slow or endless peer costs one slot of a table, and the slowest one loses
// it when the table is full. Without connections the thread sleeps in poll(2) without a time-out.
#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/wakeup.h"
#include "web/listener.h"
#include "web/worker_pool.h"

namespace pigeon::web {

struct ConnectionLimits {
  std::size_t connections = 64;
  std::size_t workers = 4;
  milliseconds read = seconds(10);     // from accept to the last octet of the request
  milliseconds write = seconds(10);    // for the whole answer
  milliseconds drain = seconds(1);     // for the peer to close after the answer
  std::size_t drain_octets = 1 << 16;  // read and thrown away meanwhile
};

class Connections {
 public:
  // The whole answer to one whole request, on a worker thread; must not throw.
  using Answer = std::function<std::string(const std::string& request)>;

  // Accepts from now on, on a thread of its own.
  Connections(Listener listener, ConnectionLimits limits, Answer answer);
  ~Connections() { stop(milliseconds(0)); }
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  [[nodiscard]] int port() const { return port_; }  // 0 for a Unix socket
  // Stops listening at once, lets answers in hand go out for at most `grace`, then closes every connection.
  // Any thread, any number of times.
  void stop(milliseconds grace);
  // After stop(): waits for the workers, however long their jobs take. One caller.
  void join_workers() { workers_.stop(); }

 private:
  enum class Phase { reading, working, writing, draining };
  struct Connection {
    Fd fd;  // none: closed
    std::uint64_t id = 0;
    Phase phase = Phase::reading;
    std::string bytes;     // the request while reading, the answer while writing
    std::size_t done = 0;  // octets written, or thrown away
    SteadyTime deadline{};
  };

  void run();
  void wait();
  [[nodiscard]] SteadyTime next_deadline() const;
  void take_answers(SteadyTime now);
  void accept_all(SteadyTime now);
  [[nodiscard]] std::vector<Connection>::iterator slowest();
  void progress(Connection& connection, SteadyTime now);
  void read(Connection& connection, SteadyTime now);
  void check(Connection& connection, SteadyTime now);
  void write(Connection& connection, SteadyTime now);
  void drain(Connection& connection);
  void expire(Connection& connection, SteadyTime now);
  void respond(Connection& connection, std::string answer, SteadyTime now);
  [[nodiscard]] bool finished(SteadyTime now);

  Listener listener_;
  const int port_;
  const ConnectionLimits limits_;
  const Answer answer_;
  // The thread's own.
  std::vector<Connection> connections_;
  std::vector<pollfd> polled_;  // the wake-up, the listener, then one for each connection
  SteadyTime accept_after_{};   // no descriptors left: try again then
  std::uint64_t last_id_ = 0;
  // Shared with the workers and the callers of stop().
  std::mutex mutex_;
  std::vector<std::pair<std::uint64_t, std::string>> answers_;
  std::optional<SteadyTime> stop_by_;
  Wakeup wakeup_;
  std::once_flag joined_;
  std::thread thread_;
  WorkerPool workers_;  // last, so that it ends first: its jobs use the members above
};

}  // namespace pigeon::web
