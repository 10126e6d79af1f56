// Signing a request by OAuth 1.0a (RFC 5849 §3) with HMAC-SHA1. Pure: nonce and time are given.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pigeon::oauth {

// Names and values in clear, UTF-8.
using Parameters = std::vector<std::pair<std::string, std::string>>;

// A token and what proves that it is ours; both empty: none yet (a request for temporary credentials).
struct OAuth1Token {
  std::string token;
  std::string secret;
};

// Consumer key and secret at one moment.
struct Consumer {
  std::string key;
  std::string secret;
};

// What makes each request another one (§3.3): never twice the same at one server.
struct Stamp {
  std::string nonce;
  std::int64_t timestamp = 0;  // seconds since 1970, by the server's clock
};

// application/x-www-form-urlencoded, as in a query; a malformed escape stands for itself.
[[nodiscard]] Parameters read_form(std::string_view encoded);
// The first value of that name; empty without one.
[[nodiscard]] std::string value_of(const Parameters& parameters, std::string_view name);

// What is signed (§3.4.1): the method, the address without its query, and the sorted parameters of the query
// and of `parameters`. Nothing of a body that is no form belongs there.
[[nodiscard]] std::string base_string(std::string_view method, std::string_view url,
                                      const Parameters& parameters);
// HMAC-SHA1 of it, in base64 (§3.4.2).
[[nodiscard]] std::string signature(std::string_view base, std::string_view consumer_secret,
                                    std::string_view token_secret);
// The whole header, "Authorization: OAuth …" (§3.5.1). `more`: further oauth_ parameters, which go into it as
// well; `form`: of a body that is a form.
[[nodiscard]] std::string authorization(const Consumer& consumer, const OAuth1Token& token,
                                        std::string_view method, std::string_view url, const Stamp& stamp,
                                        const Parameters& more = {}, const Parameters& form = {});

}  // namespace pigeon::oauth
