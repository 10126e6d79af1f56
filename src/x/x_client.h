// The calls of X's API v2 that the gateway makes, with each answer folded into what it means for the person
// who texted. Tokens come in as parameters; refreshing is the caller's (relay) business.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/http_client.h"

namespace pigeon::x {

// What X's answer asks of us; one row of docs/design.md's error table each.
enum class Problem {
  unauthorized,       // 401: refresh once, then pair again
  duplicate,          // 403 duplicate content / v1.1 187
  suspended,          // 403 user-suspended / 64 / 326 (locked)
  app_misconfigured,  // 403 client-forbidden, oauth1-permissions, not enrolled / 453, 215: tell the operator
  missing_scope,      // 403 for want of a scope: pair again
  forbidden,          // any other 403: X refuses this post; tell the person `detail`
  too_long,           // 400/403 text too long
  rejected,           // any other 4xx: our request is wrong for X; tell the person, log for the operator
  credits_depleted,   // 402: operator must pay; keep queued
  rate_limited,       // 429, 88, 185: keep queued until `retry_at`
  unavailable,        // 5xx, certainly or possibly not done: retry; see `outcome_unknown`
  unreachable,        // never delivered: retry
  not_found,          // 404
};

struct XError {
  Problem problem = Problem::unavailable;
  std::string detail;  // X's own words, for the person or the log
  // By our clock, whatever X's says; at most 31 days ahead. At least an hour for a usage cap, whose end X
  // does not tell.
  std::optional<UtcTime> retry_at{};
  bool outcome_unknown = false;  // the request may have been carried out
  bool answered = false;         // X said so itself; false: no whole answer came
};

template <typename T>
using XResult = tl::expected<T, XError>;

struct User {
  std::string id;
  std::string username;
};

struct Post {
  std::string id;
  std::string text;
};

class XClient {
 public:
  // Belongs to one thread, with the HTTP client that it makes.
  explicit XClient(std::string api_url);
  // For calls to X's token endpoint, over the same kept-alive connections.
  [[nodiscard]] net::HttpClient& http() { return http_; }

  // GET /2/users/me: whom the token acts for. Never outcome_unknown, since reading changes nothing.
  [[nodiscard]] XResult<User> me(std::string_view access_token);
  // POST /2/tweets, once and never again by itself; whether `text` fits is the caller's matter.
  [[nodiscard]] XResult<Post> post(std::string_view access_token, std::string_view text);
  // DELETE /2/tweets/:id; a post that is gone already is Problem::not_found.
  [[nodiscard]] XResult<void> remove(std::string_view access_token, std::string_view id);

 private:
  net::HttpClient http_;
  std::string api_url_;
};

// Maps any answer that is not the expected 2xx (pure; x_errors.cpp).
[[nodiscard]] XError classify(const net::HttpResponse& response, UtcTime now);

}  // namespace pigeon::x
