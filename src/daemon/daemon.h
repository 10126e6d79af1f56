// pigeond put together: opens the store, starts the web server, the dispatcher and a thread per modem, and
// takes them down again. Knows no signals and no service manager; main does.
#pragma once

#include <list>
#include <memory>

#include "base/config.h"
#include "base/result.h"
#include "relay/dispatcher.h"
#include "relay/modem_loop.h"
#include "relay/relay.h"
#include "store/store.h"
#include "web/server.h"
#include "x/http_client.h"

namespace pigeon::app {

class Daemon {
 public:
  // Reads the secrets, opens the store and binds the web server; nothing runs yet but the web. The error's
  // code says whether it is the configuration (bad_input, not_found, denied) or the world.
  [[nodiscard]] static Result<std::unique_ptr<Daemon>> create(const Config& config);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  void start();
  void request_stop();  // threads finish the step in hand and end
  // Every thread is where it promised to be; false is a reason not to feed the watchdog.
  [[nodiscard]] bool healthy() const;
  [[nodiscard]] int web_port() const;

 private:
  Daemon() = default;

  // In the order of construction: what is borrowed comes before who borrows it.
  x::HttpRuntime http_runtime_;
  relay::RelayOptions options_;
  relay::Wakeups wakeups_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<web::WebServer> web_;
  std::unique_ptr<relay::Dispatcher> dispatcher_;
  std::list<relay::ModemLoop> modems_;
};

}  // namespace pigeon::app
