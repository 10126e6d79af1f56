// A token endpoint that answers what a test tells it.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "oauth/provider.h"
#include "tests/net/raw_server.h"
#include "x/provider.h"

namespace pigeon::testing {

// Answers requests in turn, the last answer again and again; keeps the last request. An empty answer closes
// the connection.
struct TokenServer {
  std::string seen;
  int requests = 0;
  RawServer server;

  explicit TokenServer(std::string answer) : TokenServer(std::vector{std::move(answer)}) {}
  explicit TokenServer(std::vector<std::string> answers)
      : server([this, answers](RawConnection& connection) {
          while (auto request = connection.read_request()) {
            seen = *request;
            const auto turn = std::min(static_cast<std::size_t>(requests++), answers.size() - 1);
            if (answers[turn].empty()) return;
            connection.write(answers[turn]);
          }
        }) {}

  [[nodiscard]] oauth::OAuth2Client client(std::string id = "app", std::string secret = "hush") const {
    return x::oauth2_client(std::move(id), std::move(secret), "https://x.example/authorize", server.url(""),
                            "https://box.example/oauth/callback");
  }
  // At a server whose endpoints are all here.
  [[nodiscard]] oauth::OAuth2Client client_of(oauth::Provider provider, std::string secret = "hush") const {
    provider.authorize_url = "https://net.example/authorize";
    provider.token_url = server.url("/token");
    provider.revoke_url = server.url("/revoke");
    provider.device_url = server.url("/device");
    return {.provider = std::move(provider),
            .client_id = "app",
            .client_secret = std::move(secret),
            .redirect_uri = "https://box.example/oauth/callback"};
  }
  [[nodiscard]] std::string body() const { return seen.substr(seen.find("\r\n\r\n") + 4); }
};

}  // namespace pigeon::testing
