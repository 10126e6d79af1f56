// The web server of the box: pages for texters, the OAuth callback and /healthz. Listens on a loopback
// address or a Unix socket only, behind a TLS front that has read the whole request. cpp-httplib serves; its
// threads meet the rest of the house in the store and in one Wakeup.
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
  bool behind_proxy = false;  // a front's X-Forwarded-For says who asks; a Unix socket has a front anyway
  std::string group = "carrier-pigeon-web";  // who may use a Unix socket, where the system has that group
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
  // Finishes requests in hand: a second, and then calls to X are interrupted; any thread. A peer that
  // trickles its request can hold it longer, which no front does.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeon::web
