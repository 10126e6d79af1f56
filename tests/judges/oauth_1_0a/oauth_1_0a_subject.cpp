// Our OAuth 1.0a signatures on a string: a request in JSON a line in; its signature base string and its
// Authorization header, in JSON, a line out.
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "oauth/oauth1_signature.h"

using nlohmann::json;
using namespace pigeon::oauth;

namespace {

json signed_request(const json& from) {
  const Consumer consumer{from.at("consumer_key"), from.at("consumer_secret")};
  const OAuth1Token token{from.at("token"), from.at("token_secret")};
  const Stamp stamp{from.at("nonce"), from.at("timestamp")};
  const Parameters form = from.at("form");
  const std::string method = from.at("method");
  const std::string url = from.at("url");
  Parameters all = {{"oauth_consumer_key", consumer.key},
                    {"oauth_nonce", stamp.nonce},
                    {"oauth_signature_method", "HMAC-SHA1"},
                    {"oauth_timestamp", std::to_string(stamp.timestamp)},
                    {"oauth_version", "1.0"}};
  if (!token.token.empty()) all.emplace_back("oauth_token", token.token);
  all.insert(all.end(), form.begin(), form.end());
  return {{"base", base_string(method, url, all)},
          {"header", authorization(consumer, token, method, url, stamp, {}, form)}};
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << signed_request(json::parse(line)).dump() << '\n';
  return 0;
}
