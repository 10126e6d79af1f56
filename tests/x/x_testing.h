// What the tests of XClient share: a server with one answer, and a sandbox with a linked account.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <utility>

#include "oauth/oauth2.h"
#include "sim/x/x_sandbox.h"
#include "tests/net/raw_server.h"
#include "x/provider.h"
#include "x/x_client.h"

namespace pigeon::testing {

// Answers every request with `answer`; empty: hangs up instead.
struct Api {
  std::string seen;  // the latest request
  std::atomic<int> requests = 0;
  RawServer server;
  x::XClient x;

  explicit Api(std::string answer, std::function<UtcTime()> now = utc_now)
      : server([this, answer](RawConnection& connection) {
          while (auto request = connection.read_request()) {
            seen = *request;
            ++requests;
            if (answer.empty()) return;
            connection.write(answer);
          }
        }),
        x(server.url(""), std::move(now)) {}
};

struct Sandboxed {
  sim::XSandbox sandbox;
  x::XClient x;
  std::string token;

  explicit Sandboxed(std::function<UtcTime()> now = utc_now) : x(sandbox.url(), std::move(now)) {
    const oauth::OAuth2Client client =
        x::oauth2_client("sandbox-client", "sandbox-secret", sandbox.url() + "/i/oauth2/authorize",
                         sandbox.url(), "http://127.0.0.1:9/cb");
    sandbox.allow_redirect(client.redirect_uri);
    const std::string verifier = oauth::make_verifier();
    const std::string callback =
        sandbox.consent(oauth::authorize_url(client, "s", oauth::challenge_s256(verifier)));
    const auto at = callback.find("code=") + 5;
    const auto tokens =
        oauth::exchange_code(x.http(), client, callback.substr(at, callback.find('&', at) - at), verifier);
    REQUIRE(tokens);
    token = tokens->access_token;
  }
};

}  // namespace pigeon::testing
