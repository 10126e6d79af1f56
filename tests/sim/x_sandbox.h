// A sandbox of X on loopback: the OAuth 2.0 and API v2 behaviour of docs/design.md and the facts it was built from, strict
// where X is strict (PKCE, exact redirect, single-use codes of 30 s, rotation with family death, duplicates, expiry, rate limits) and able
// to misbehave on demand. Used by tests, the demo and a person by hand; speaks HTTP by cpp-httplib, knows nothing of the gateway's code.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace pigeon::sim {

struct XSandboxOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any free one
  std::string client_id = "sandbox-client";
  std::string client_secret = "sandbox-secret";  // empty: public client
  std::vector<std::string> redirect_uris;        // exact matches
  seconds code_life{30};
  seconds access_token_life{7200};
  std::string username = "ada";                  // who is signed in at X in this browser
};

struct SandboxPost {
  std::string id;
  std::string user_id;
  std::string username;
  std::string text;
  UtcTime at{};
  bool deleted = false;
};

// One injected answer, used once per `times`, for requests whose "METHOD /path" begins with `match`.
struct InjectedAnswer {
  std::string match;              // "POST /2/tweets"
  int times = 1;
  int status = 503;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool carry_out_first = false;   // do the real work, then answer this: the outcome-unknown case
  bool drop_connection = false;   // close without an answer
  milliseconds delay{0};          // before answering
};

class XSandbox {
 public:
  explicit XSandbox(XSandboxOptions options = {});  // listens at once
  ~XSandbox();
  XSandbox(const XSandbox&) = delete;
  XSandbox& operator=(const XSandbox&) = delete;

  [[nodiscard]] int port() const;
  [[nodiscard]] std::string url() const;            // "http://127.0.0.1:<port>": api_url; authorize at <url>/i/oauth2/authorize
  void allow_redirect(const std::string& redirect_uri);

  [[nodiscard]] std::vector<SandboxPost> posts() const;  // oldest first, deleted ones too
  [[nodiscard]] std::vector<SandboxPost> wait_for_posts(std::size_t count, milliseconds timeout) const;

  void inject(InjectedAnswer answer);
  // Makes every access token (and with `refresh_too` every refresh token) of the user invalid from now on.
  void expire_access_tokens();
  void revoke_all(bool refresh_too);
  void suspend(bool suspended);
  // Requests seen so far, "POST /2/tweets 201"; for tests that count.
  [[nodiscard]] std::vector<std::string> requests() const;

  // `before` runs when a request's first line and headers have arrived, `after` when it has been carried out but not answered; on a server thread, with "METHOD /path".
  using Hook = std::function<void(const std::string& request)>;
  void before_request(Hook hook);
  void after_request(Hook hook);
};

}  // namespace pigeon::sim
