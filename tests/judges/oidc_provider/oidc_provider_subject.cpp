// Our OAuth 2.0 client on a string: one JSON command a line in, one JSON answer a line out. The first line
// describes the client and its provider; then "authorize", "exchange", "refresh", "revoke", "app" (the app's
// own token), "device" and "poll" as often as the judge likes.
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "oauth/client_credentials.h"
#include "oauth/device_grant.h"
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

json described(const TokenError& error) {
  return {{"failure", name_of(error.failure)}, {"code", error.code}, {"message", error.message}};
}

json described(const Tokens& tokens) {
  return {{"access_token", tokens.access_token},
          {"refresh_token", tokens.refresh_token},
          {"expires_in", tokens.expires_in.value_or(std::chrono::seconds(0)).count()},
          {"scope", tokens.scope}};
}

json described(const TokenResult<Tokens>& tokens) {
  if (!tokens) return described(tokens.error());
  return described(*tokens);
}

const char* name_of(DeviceGrant::State state) {
  switch (state) {
    case DeviceGrant::State::pending:
      return "pending";
    case DeviceGrant::State::granted:
      return "granted";
    case DeviceGrant::State::refused:
      return "refused";
    case DeviceGrant::State::expired:
      return "expired";
    case DeviceGrant::State::failed:
      return "failed";
  }
  return "?";
}

// One client with what it remembers. The judge's clock is the device grant's: it names seconds.
class Subject {
 public:
  explicit Subject(const json& from) : client_(client_of(from)), app_(client_) {}
  json answer(const json& command);

 private:
  static OAuth2Client client_of(const json& from);
  json begin_device();
  json poll(int second);

  HttpClient http_;
  const OAuth2Client client_;
  AppToken app_;
  std::optional<DeviceGrant> device_;
  const pigeon::SteadyTime start_ = pigeon::steady_now();
};

OAuth2Client Subject::client_of(const json& from) {
  const auto text = [&from](const char* name) { return from.value(name, std::string()); };
  OAuth2Client client;
  client.client_id = text("client_id");
  client.client_secret = text("client_secret");
  client.redirect_uri = text("redirect_uri");
  client.provider.authorize_url = text("authorize_url");
  client.provider.token_url = text("token_url");
  client.provider.revoke_url = text("revoke_url");
  client.provider.device_url = text("device_url");
  client.provider.scope = text("scope");
  if (from.value("secret_in_body", false))
    client.provider.authentication = ClientAuthentication::secret_in_body;
  if (from.value("tokens_stay", false)) client.provider.refresh_tokens = RefreshTokens::stay;
  return client;
}

json Subject::begin_device() {
  auto grant = DeviceGrant::begin(http_, client_, start_);
  if (!grant) return described(grant.error());
  device_.emplace(std::move(*grant));
  return {{"user_code", device_->user_code()},
          {"verification_uri", device_->verification_uri()},
          {"verification_uri_complete", device_->verification_uri_complete()}};
}

json Subject::poll(int second) {
  const auto state = device_->poll(http_, start_ + std::chrono::seconds(second));
  json out = {{"state", name_of(state)}, {"code", device_->error().code}};
  if (state == DeviceGrant::State::granted) out.update(described(device_->tokens()));
  return out;
}

json Subject::answer(const json& command) {
  const std::string what = command.at("do");
  if (what == "authorize") {
    const std::string verifier = make_verifier();
    return {
        {"verifier", verifier},
        {"url", authorize_url(client_, command.at("state").get<std::string>(), challenge_s256(verifier))}};
  }
  if (what == "exchange") {
    return described(exchange_code(http_, client_, command.at("code").get<std::string>(),
                                   command.at("verifier").get<std::string>()));
  }
  if (what == "app") {
    const auto token = app_.get(http_);
    return token ? json{{"access_token", *token}} : described(token.error());
  }
  if (what == "device") return begin_device();
  if (what == "poll") return poll(command.at("second").get<int>());
  const std::string token = command.at("token");
  if (what == "refresh") return described(refresh(http_, client_, token));
  const auto revoked = revoke(http_, client_, token);
  if (!revoked) return {{"failure", revoked.error().message}, {"retry", revoked.error().retryable()}};
  return {{"revoked", true}};
}

}  // namespace

int main() {
  std::string line;
  if (!std::getline(std::cin, line)) return 1;
  Subject subject(json::parse(line));
  while (std::getline(std::cin, line)) std::cout << subject.answer(json::parse(line)).dump() << std::endl;
  return 0;
}
