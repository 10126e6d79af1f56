// Our OAuth 2.0 client on a string: one JSON command a line in, one JSON answer a line out. The first line
// describes the client; then "authorize", "exchange", "refresh" and "revoke" as often as the judge likes.
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "oauth/oauth2.h"

using nlohmann::json;
using namespace pigeon::oauth;
using pigeon::net::HttpClient;

namespace {

const char* name_of(TokenFailure failure) {
  switch (failure) {
    case TokenFailure::grant_dead:
      return "grant_dead";
    case TokenFailure::client_rejected:
      return "client_rejected";
    case TokenFailure::malformed:
      return "malformed";
    case TokenFailure::uncertain:
      return "uncertain";
    case TokenFailure::unreachable:
      return "unreachable";
  }
  return "?";
}

json described(const TokenResult<Tokens>& tokens) {
  if (!tokens) return {{"failure", name_of(tokens.error().failure)}, {"message", tokens.error().message}};
  return {{"access_token", tokens->access_token},
          {"refresh_token", tokens->refresh_token},
          {"expires_in", tokens->expires_in.count()},
          {"scope", tokens->scope}};
}

json answer(HttpClient& http, const OAuth2Client& client, const json& command) {
  const std::string what = command.at("do");
  if (what == "authorize") {
    const std::string verifier = make_verifier();
    return {{"verifier", verifier},
            {"url", authorize_url(client, command.at("state").get<std::string>(), challenge_s256(verifier))}};
  }
  if (what == "exchange") {
    return described(exchange_code(http, client, command.at("code").get<std::string>(),
                                   command.at("verifier").get<std::string>()));
  }
  const std::string token = command.at("token");
  if (what == "refresh") return described(refresh(http, client, token));
  const auto revoked = revoke(http, client, token);
  if (!revoked) return {{"failure", revoked.error().message}, {"retry", revoked.error().retryable()}};
  return {{"revoked", true}};
}

}  // namespace

int main() {
  std::string line;
  if (!std::getline(std::cin, line)) return 1;
  const json from = json::parse(line);
  const OAuth2Client client{from.at("client_id"),     from.at("client_secret").get<std::string>(),
                            from.at("authorize_url"), from.at("token_url"),
                            from.at("revoke_url"),    from.at("redirect_uri"),
                            from.at("scope")};
  HttpClient http;
  while (std::getline(std::cin, line))
    std::cout << answer(http, client, json::parse(line)).dump() << std::endl;
  return 0;
}
