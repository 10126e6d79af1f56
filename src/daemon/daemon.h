// pigeond put together: opens the store, starts the web server, the dispatcher and a thread per modem, and
// takes them down again. Knows no signals and no service manager; main does.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/wakeup.h"
#include "config/config.h"
#include "control/server.h"
#include "net/http_client.h"
#include "pairing/pairing_flow.h"
#include "pairing/tokens.h"
#include "relay/dispatcher.h"
#include "store/store.h"
#include "store/wakeups.h"
#include "transport/modem_transport.h"
#include "web/server.h"

namespace pigeon::daemon {

// The threads' periods, for tests that cannot wait for them.
struct DaemonTiming {
  transport::TransportTiming transport;
  relay::RelayTiming relay;
};

class Daemon {
 public:
  // Reads the secrets, opens the store and binds the web server; nothing runs yet but the web. The error's
  // code says whether it is the configuration (bad_input, not_found, denied) or the world.
  [[nodiscard]] static Result<std::unique_ptr<Daemon>> create(const Config& config,
                                                              const DaemonTiming& timing = {});
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Starts the dispatcher and a thread for each modem; once.
  void start();
  // Asks every thread to finish the step in hand and end, and no refresh of tokens begins any more; the web
  // server has ended when it returns, the others after join(). Repeating it is fine.
  void request_stop();
  // After request_stop(): waits for the dispatcher's and the modems' threads. Any one thread, once.
  void join();
  // After request_stop(), any thread: tokens that X gives only once are still to come, or are still to be
  // committed, which it tries. False for good once it was false.
  [[nodiscard]] bool awaits_tokens();
  // While all threads run: takes over from `fresh` what can change (limits, durations, the secrets of the
  // app). True: a secret is another one now. An error changes nothing.
  [[nodiscard]] Result<bool> apply(const Config& fresh);
  // The wall clock was set: moves what is due at once, rather than at the next look.
  void clock_set();
  // The names of the threads that are not where they promised to be: a reason not to feed the watchdog.
  // Empty: all are.
  [[nodiscard]] std::string stuck() const;
  // What is wrong with the box now; any thread.
  [[nodiscard]] std::vector<store::Condition> conditions();
  // Readable when conditions() may say something else than before; who reads it clears it.
  [[nodiscard]] Wakeup& news() { return news_; }
  // While the storage fails: tries whether it still does, so that the end of a failure is seen although
  // nobody has anything to commit.
  void try_storage();
  [[nodiscard]] std::optional<store::StorageFailure> storage_failure() const;
  [[nodiscard]] int web_port() const;  // 0 for a Unix socket or no web

 private:
  Daemon() = default;
  void open_control(const std::string& path);

  // In the order of construction: what is borrowed comes before who borrows it.
  net::HttpRuntime http_runtime_;
  pairing::PairingSettings pairing_settings_;
  relay::RelaySettings
      relay_settings_;  // pairing_expires and keep are read, and changed, under the store's lock
  transport::SelfTests self_tests_;
  transport::IntakeSettings intake_settings_;  // so is oldest
  store::Wakeups wakeups_;
  Wakeup news_;
  std::set<std::string> modem_names_;  // that are configured
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<pairing::Tokens> tokens_;
  std::unique_ptr<pairing::PairingFlow> pairing_;
  std::unique_ptr<web::WebServer> web_;  // null: nobody is to come, people link by PIN
  std::unique_ptr<relay::Dispatcher> dispatcher_;
  std::list<transport::ModemTransport> modems_;
  std::unique_ptr<control::Server> control_;  // null: its socket cannot be made; not what a box fails for
};

}  // namespace pigeon::daemon
