// An HTTP server on one loopback address: what the sandbox of X and the demo page have in common around
// cpp-httplib. It closes the library's traps: SO_REUSEPORT (two servers would share one port silently),
// delayed ACKs, a thread pool as large as the machine, and a stop that waits for idle kept-alive connections.
#pragma once

#include <httplib.h>

#include <cstddef>
#include <string>
#include <thread>

namespace pigeon::sim {

class LocalServer {
 public:
  // Binds and listens, but answers only after start(). `port` 0 takes any free one.
  // Throws std::runtime_error, "what: why", when the address cannot be had.
  LocalServer(const std::string& host, int port, std::size_t threads);
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  // Routes are set before start() and never changed afterwards.
  [[nodiscard]] httplib::Server& routes() { return server_; }
  // Serves on a thread of its own and `threads` workers; returns when connections are taken.
  void start();
  // Closes every connection and joins all threads; handlers that wait must have been told before. Idempotent.
  void stop();

  [[nodiscard]] int port() const { return port_; }  // the bound one, also when any was asked for

  // Closes the connection that `request` came on; whatever its handler answers is lost. On the handler's
  // thread.
  void drop_connection(const httplib::Request& request) const;

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace pigeon::sim
