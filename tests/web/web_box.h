// A box as far as the web is concerned: a store on disk, the sandbox of X and the real server between them,
// with a browser that keeps cookies and follows nothing by itself.
#pragma once

#include <httplib.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/wakeup.h"
#include "sim/x/x_sandbox.h"
#include "store/store.h"
#include "tests/store/in_one.h"
#include "tests/web/raw_http.h"
#include "web/server.h"

namespace pigeon::testing {

struct WebBoxOptions {
  std::string public_url = "https://pigeon.example";
  bool text_back = true;
  std::string listen = "127.0.0.1:0";
  bool behind_proxy = false;
  std::string client_secret = "sandbox-secret";  // what the box believes it to be
  bool x_is_gone = false;                        // nobody listens where the box believes X to be
  std::string x_host = "127.0.0.1";              // in the authorize address; "localhost" is another site
  bool signs = false;                            // consumer keys only: OAuth 1.0a with a callback
  std::string consumer_secret = "sandbox-consumer-secret";  // what the box believes it to be
};

class WebBox {
 public:
  static constexpr const char* kPhone = "+4915123456789";
  static constexpr const char* kGateway = "+12025550100";

  explicit WebBox(const WebBoxOptions& box_options = {});

  // A link's code for `phone`, as the relay would text it.
  [[nodiscard]] std::string offer(milliseconds life = std::chrono::minutes(15),
                                  const std::string& phone = kPhone);
  // Where people are sent to agree.
  [[nodiscard]] std::string authorize_url() const;
  [[nodiscard]] store::Account account(
      const std::string& phone = kPhone);  // fails the test when there is none
  [[nodiscard]] bool has_account(const std::string& phone = kPhone);
  // Why the last pairing that failed did.
  [[nodiscard]] std::optional<store::PairingFailure> failure();
  [[nodiscard]] bool relay_notified();
  // Ends at X what waits to be ended, as the relay does.
  void end_grants();
  // Grants at X that are still alive.
  [[nodiscard]] std::size_t living_grants() const;
  // How often X answered "POST /2/oauth2/token 200".
  [[nodiscard]] std::size_t requests(const std::string& wanted) const;
  // From now on every operation on pairings throws StorageError.
  void break_storage() { observer_->execute("DROP TABLE pairings"); }
  // A number that changes with every commit to the database, whoever made it.
  [[nodiscard]] std::int64_t database_version();

  const WebBoxOptions options;
  TemporaryDirectory directory;
  sim::XSandbox sandbox;
  std::unique_ptr<store::Store> store;
  store::Wakeups wakeups;
  std::unique_ptr<pairing::PairingFlow> pairing;
  std::unique_ptr<web::WebServer> server;

 private:
  pairing::PairingSettings settings_;
  std::unique_ptr<store::Database> observer_;
};

// A browser at the box: sends its cookie, remembers a new one, does not follow redirects.
class Browser {
 public:
  explicit Browser(const WebBox& box);

  [[nodiscard]] httplib::Result get(const std::string& path);
  [[nodiscard]] httplib::Result post(const std::string& path, httplib::Headers headers = {});
  // Opens the link and presses its button; returns X's authorize address, empty when there was no redirect to
  // it.
  [[nodiscard]] std::string press(const std::string& code);
  // The path and query of `location`, wherever it points.
  [[nodiscard]] httplib::Result follow(const std::string& location);
  // The same for the way back from X, up to the page that is shown.
  [[nodiscard]] httplib::Result come_back(const std::string& location);
  // Everything from the link to the page after X.
  [[nodiscard]] httplib::Result pair(WebBox& box, const std::string& code, bool agree = true);

  std::string cookie;  // "name=value"; empty: none

 private:
  httplib::Result keep(httplib::Result result);
  std::unique_ptr<httplib::Client> client_;
};

// A pairing that came to nothing: the page, the failure that the relay will tell, and nothing left behind.
void check_failed(WebBox& box, const httplib::Result& page, int status, const std::string& words,
                  store::PairingFailure failure = store::PairingFailure::error);
// A browser with this cookie and this query at the callback.
struct Attempt {
  const char* name;
  std::string cookie;
  std::string query;
};
// Each is answered with 400 and without a cookie, and changes nothing.
void check_turned_away(WebBox& box, const std::vector<Attempt>& attempts);

[[nodiscard]] bool contains(std::string_view text, std::string_view part);
// The value of a query parameter, decoded; empty: not there.
[[nodiscard]] std::string parameter(const std::string& url, const std::string& name);

}  // namespace pigeon::testing
