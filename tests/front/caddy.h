// A real Caddy under the shipped image/Caddyfile, and curl as the browser before it. Of the file only what a
// test cannot have is changed: ports, the certificate's issuer, the socket's path.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/web/raw_http.h"

namespace pigeon::testing {

class Caddy {
 public:
  // Starts it before the socket at `socket_path` and waits until it takes connections. Throws
  // std::runtime_error.
  explicit Caddy(const std::string& socket_path);
  ~Caddy();
  Caddy(const Caddy&) = delete;
  Caddy& operator=(const Caddy&) = delete;

  [[nodiscard]] int plain_port() const { return plain_port_; }  // without TLS, for clients that say bytes
  // What curl prints for `path`: the version of HTTP and the status, "2 200". `options`: curl's own.
  [[nodiscard]] std::string curl(const std::string& path, const std::vector<std::string>& options = {}) const;

 private:
  TemporaryDirectory folder_;
  int tls_port_;
  int plain_port_;
  pid_t pid_ = -1;
};

// The exit status of `caddy validate` for the file as it is shipped.
[[nodiscard]] int validate_caddyfile();

}  // namespace pigeon::testing
