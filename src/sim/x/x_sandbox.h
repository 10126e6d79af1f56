// A sandbox of X on loopback: the OAuth 2.0, OAuth 1.0a and API v2 behaviour of docs/design.md and the facts
// it was built from, strict where X is strict (PKCE, exact redirect, single-use codes of 30 s, rotation with
// family death, duplicates, expiry, scopes, rate limits) and able to misbehave on demand. Used by tests, the
// demo and a person by hand; speaks HTTP by cpp-httplib, knows nothing of the gateway's code.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace pigeon::sim {

// X's limits a user and window of 15 minutes, and the app's posts in 24 hours.
struct RateLimits {
  int posts = 100;
  int deletes = 50;
  int me = 75;
  int timeline = 900;
  int app_posts_a_day = 10'000;
};

struct XSandboxOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any free one
  std::string client_id = "sandbox-client";
  std::string client_secret = "sandbox-secret";  // empty: public client
  std::string consumer_key = "sandbox-consumer-key";
  std::string consumer_secret = "sandbox-consumer-secret";
  std::vector<std::string> redirect_uris{};  // exact matches
  seconds code_life{30};
  seconds request_token_life{3600};
  seconds access_token_life{7200};
  std::string username = "ada";                // who is signed in at X in this browser
  std::vector<std::string> other_usernames{};  // whom the consent page offers beside
  std::string app_name = "Carrier Pigeon";     // on the consent page
  RateLimits limits{};
};

struct SandboxPost {
  std::string id;
  std::string user_id;
  std::string username;
  std::string text;
  UtcTime at{};
  bool deleted = false;
  std::string in_reply_to{};  // a post's id; empty: none
};

// Somebody's agreement to let the app act for them; ends by revocation or by reuse of a spent refresh token.
struct SandboxGrant {
  std::string username;
  std::vector<std::string> scopes;
  bool alive = true;
};

// One injected answer, used once per `times`, for requests whose "METHOD /path" begins with `match`.
struct InjectedAnswer {
  std::string match;  // "POST /2/tweets"
  int times = 1;
  int status = 503;  // 0: the request's own answer, only later (`delay`) or never (`drop_connection`)
  std::string body{};
  // A value "{now+2}" is two seconds from the answer, by the sandbox's clock in seconds since 1970.
  std::vector<std::pair<std::string, std::string>> headers{};
  bool carry_out_first = false;  // do the real work, then answer this: the outcome-unknown case
  bool drop_connection = false;  // close without an answer
  milliseconds delay{0};         // before answering
};

// X's own way to say no, by the names a person or script may use: "unavailable", "too-many-requests",
// "rate-limited-88", "user-day-limit", "app-day-limit", "usage-cap", "credits-depleted", "suspended",
// "locked", "automated", "client-forbidden", "unauthorized", "dead-token", "wrong-client", "gateway-timeout"
// (carried out, then a 504 that is no X's), "lost-answer" (carried out, connection closed), "dropped" (closed
// at once). Nothing for another name.
[[nodiscard]] std::optional<InjectedAnswer> named_fault(std::string_view name, std::string match,
                                                        int times = 1);

struct RequestRecord {
  std::string method_path;                          // "POST /2/tweets", without a query
  int status = 0;                                   // 0: the connection was closed instead
  std::chrono::steady_clock::time_point arrived{};  // when its headers had come
};

// Thread-safe.
class XSandbox {
 public:
  // Listens at once. Throws std::runtime_error when the address cannot be had.
  explicit XSandbox(XSandboxOptions options = {});
  ~XSandbox();
  XSandbox(const XSandbox&) = delete;
  XSandbox& operator=(const XSandbox&) = delete;

  [[nodiscard]] int port() const;  // the bound one, also when options.port was 0
  // "http://127.0.0.1:<port>": the API's base; people are sent to <url>/i/oauth2/authorize.
  [[nodiscard]] std::string url() const;
  // One more exact match beside options.redirect_uris, for who learns a port late.
  void allow_redirect(const std::string& redirect_uri);

  // What a person's browser does with an authorize link: opens it and presses Authorize (or Cancel), as the
  // user who is signed in. Returns where X sends the browser, "<redirect_uri>?state=…&code=…"; empty when X
  // showed an error. Not among requests(), and no injected answer is used up.
  [[nodiscard]] std::string consent(const std::string& authorize_link, bool agree = true) const;
  // The same with a link of OAuth 1.0a for somebody without a browser to go back to: the PIN that X shows;
  // empty when it shows an error or was told no.
  [[nodiscard]] std::string consent_pin(const std::string& authorize_link, bool agree = true) const;
  // Whom X takes the browser for from now on; any name is a user.
  void sign_in(const std::string& username);
  // From now on people grant only these of the scopes they are asked for; empty: all.
  void grant_only(std::vector<std::string> scopes);

  [[nodiscard]] std::vector<SandboxPost> posts() const;  // oldest first, deleted ones too
  // The same once there are `count`, or when `timeout` has passed.
  [[nodiscard]] std::vector<SandboxPost> wait_for_posts(std::size_t count, milliseconds timeout) const;
  [[nodiscard]] std::vector<SandboxGrant> grants() const;  // oldest first

  // Goes behind those injected before; the first whose `match` fits a request is used up.
  void inject(InjectedAnswer answer);
  // Forgets every injected answer that is not used up.
  void clear_injected();
  // From now on GET /2/users/:id/tweets shows a post only when it is this old, as X at times is late.
  void show_posts_after(milliseconds age);
  // Sets the sandbox's clock forward: codes, tokens and limits age at once.
  void advance(seconds by);
  // Ends the OAuth 1.0a tokens of everybody, as persons and operators do at X (code 89 from then on).
  void end_oauth1_tokens();
  // From now on OAuth 1.0a tokens are made for writing, or for reading only. Those that are there stay as
  // they are, also for who agrees again.
  void let_app_write(bool may_write);
  // From now on the app's consumer key and secret are these (code 32 for who has others).
  void change_consumer(const std::string& key, const std::string& secret);
  // OAuth 1.0a tokens that X has given and that are alive.
  [[nodiscard]] std::size_t live_oauth1_tokens() const;
  // All that must not be found anywhere: the tokens of OAuth 1.0a, dead ones too, and their secrets.
  [[nodiscard]] std::vector<std::string> oauth1_secrets() const;
  // Makes every access token invalid from now on; refresh tokens still work.
  void expire_access_tokens();
  // Ends every access token, and with `refresh_too` the grants behind them.
  void revoke_all(bool refresh_too);
  // Whether the API refuses every caller as suspended; their tokens stay good.
  void suspend(bool suspended);
  // Requests seen so far, "POST /2/tweets 201" ("POST /2/tweets dropped" without an answer); for tests that
  // count.
  [[nodiscard]] std::vector<std::string> requests() const;
  // The same with the time at which each one's headers had come.
  [[nodiscard]] std::vector<RequestRecord> request_records() const;

  // Called on a server thread, with "METHOD /path".
  using Hook = std::function<void(const std::string& request)>;
  // When first line and headers have arrived; replaces an earlier hook.
  void before_request(Hook hook);
  // When the request has been carried out but not answered; replaces an earlier hook.
  void after_request(Hook hook);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeon::sim
