// Our OAuth 1.0a client on a string: one JSON command a line in, one JSON answer a line out. The first line
// describes the client; then "request_token", "authorize", "access_token" and "send" as often as the judge
// likes.
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "oauth/oauth1.h"

using nlohmann::json;
using namespace pigeon::oauth;
using pigeon::net::HttpClient;

namespace {

const char* name_of(OAuth1Failure failure) {
  switch (failure) {
    case OAuth1Failure::wrong_verifier:
      return "wrong_verifier";
    case OAuth1Failure::token_dead:
      return "token_dead";
    case OAuth1Failure::client_rejected:
      return "client_rejected";
    case OAuth1Failure::malformed:
      return "malformed";
    case OAuth1Failure::uncertain:
      return "uncertain";
    case OAuth1Failure::unreachable:
      return "unreachable";
  }
  return "?";
}

json described(const OAuth1Error& error) {
  return {{"failure", name_of(error.failure)}, {"message", error.message}};
}

OAuth1Token token_of(const json& command) {
  return {command.at("token"), command.at("token_secret")};
}

std::string encoded(const Parameters& form) {
  std::string body;
  for (const auto& [name, value] : form)
    body += (body.empty() ? "" : "&") + pigeon::percent_encode(name) + "=" + pigeon::percent_encode(value);
  return body;
}

// A request in an account's name, with the stamp that the judge wants.
json send(HttpClient& http, const OAuth1Client& client, const json& command) {
  pigeon::net::HttpRequest request;
  request.method = command.at("method");
  request.url = command.at("url");
  const Parameters form = command.at("form");
  Stamp stamp = make_stamp(pigeon::UtcTime(std::chrono::seconds(command.at("now").get<long long>())));
  if (command.contains("nonce")) stamp.nonce = command.at("nonce");
  request.headers = {
      authorization(client.consumer(), token_of(command), request.method, request.url, stamp, {}, form)};
  if (!form.empty()) {
    request.headers.emplace_back("Content-Type: application/x-www-form-urlencoded");
    request.body = encoded(form);
  }
  const auto response = http.send(request);
  if (!response) return {{"failure", response.error().message}};
  return {{"status", response->status}, {"body", response->body}};
}

json answer(HttpClient& http, const OAuth1Client& client, const json& command) {
  const std::string what = command.at("do");
  if (what == "authorize") return {{"url", authorize_url(client, command.at("token").get<std::string>())}};
  if (what == "send") return send(http, client, command);
  const pigeon::UtcTime now(std::chrono::seconds(command.at("now").get<long long>()));
  if (what == "request_token") {
    const auto token = request_token(http, client, command.at("callback").get<std::string>(), now);
    if (!token) return described(token.error());
    return {{"token", token->token}, {"token_secret", token->secret}};
  }
  const auto grant =
      access_token(http, client, token_of(command), command.at("verifier").get<std::string>(), now);
  if (!grant) return described(grant.error());
  return {{"token", grant->token.token},
          {"token_secret", grant->token.secret},
          {"user_id", grant->user_id},
          {"username", grant->username}};
}

}  // namespace

int main() {
  std::string line;
  if (!std::getline(std::cin, line)) return 1;
  const json from = json::parse(line);
  const std::string base = from.at("base");
  OAuth1Client client;
  client.consumer_key = from.at("consumer_key");
  client.consumer_secret.set(from.at("consumer_secret").get<std::string>());
  client.request_token_url = base + "/oauth/request_token";
  client.authorize_url = base + "/oauth/authorize";
  client.access_token_url = base + "/oauth/access_token";
  HttpClient http;
  while (std::getline(std::cin, line))
    std::cout << answer(http, client, json::parse(line)).dump() << std::endl;
  return 0;
}
