// The web server of the box: pages for texters, the OAuth callback and /healthz. Listens on a loopback
// address or a Unix socket only, behind a TLS front. Its threads meet the rest of the house in the store and
// in one Wakeup.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "pairing/pairing_flow.h"
#include "store/store.h"

namespace pigeon::web {

struct WebOptions {
  std::string listen;  // "127.0.0.1:8080", "127.0.0.1:0" (tests), "[::1]:8080", "unix:/run/…/web.sock"
  std::string gateway_number;  // E.164
  std::string public_url;      // decides the cookie: https → __Host- and Secure
  std::string authorize_url;   // where the button leads, for the content security policy
  bool text_back = true;
  std::string version;
  std::function<std::vector<store::Condition>()>
      conditions{};  // what is wrong now, for /healthz; set, any thread
};

class WebServer {
 public:
  // `pairing` and `store` are borrowed and outlive the server.
  WebServer(WebOptions options, pairing::PairingFlow& pairing, store::Store& store);
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  // Binds and starts its threads. Errc::conflict: the port is in use; the message says by what setting to
  // change it.
  [[nodiscard]] Result<void> start();
  [[nodiscard]] int port() const;  // 0 for a Unix socket
  void stop();                     // finishes requests in hand, at most 2 s; any thread

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeon::web
