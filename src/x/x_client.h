// The calls of X's API v2 that the gateway makes, with each answer folded into what it means for the person
// who texted. Whom a call acts for comes in as an Authoriser; refreshing is the caller's (relay) business.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/http_client.h"
#include "x/authoriser.h"
#include "x/own_posts.h"

namespace pigeon::x {

// What X's answer asks of us; one row of docs/design.md's error table each.
enum class Problem {
  unauthorized,       // 401: refresh once, then pair again
  duplicate,          // 403 duplicate content / v1.1 187
  suspended,          // 403 user-suspended / 64 / 326 (locked)
  app_misconfigured,  // 403 client-forbidden, oauth1-permissions, not enrolled / 32, 135, 215, 453: tell the
                      // operator
  missing_scope,      // 403 for want of a scope: pair again
  forbidden,          // any other 403, 226: X refuses this post; tell the person `detail`
  too_long,           // 400/403 text too long
  rejected,           // any other 4xx: our request is wrong for X; tell the person, log for the operator
  credits_depleted,   // 402: operator must pay; keep queued
  rate_limited,       // 429, 88, 185, 344: keep queued until `retry_at`; `limit` says who must wait
  unavailable,        // 5xx, silence, a page that is not X's: retry; see `doubt`
  unreachable,        // never delivered: retry
  not_found,          // 404
};

// Why nobody can tell yet whether X did what it was asked to do; X itself can be asked then (own_posts).
enum class Doubt {
  none,        // certainly not done: refused, or never delivered
  answered,    // 5xx: X, or what stands before it, failed while it had the request in hand
  silent,      // the request could have reached X, and no whole answer came back
  unreadable,  // a 2xx, but not the one that the call has
};

// Whose limit is used up, and so who must wait; only with Problem::rate_limited.
enum class Limit {
  unnamed,      // X does not say
  user_window,  // this person's, of one endpoint in 15 minutes
  user_day,     // this person's, of 24 hours
  app_day,      // the app's of 24 hours: everybody's
  app_cap,      // what the app may use in its billing period: everybody's
};

struct XError {
  Problem problem = Problem::unavailable;
  std::string detail;  // X's own words, for the person or the log
  long long code = 0;  // v1.1's, as 89 for a token that X has ended; 0: none
  // By our clock, whatever X's says; at most 31 days ahead. With a limit its end, and at least an hour for
  // app_cap, whose end X does not tell.
  std::optional<UtcTime> retry_at{};
  Doubt doubt = Doubt::none;
  Limit limit = Limit::unnamed;
  std::optional<milliseconds> clock_offset{};  // XClient::clock_offset() after this call
};

template <typename T>
using XResult = tl::expected<T, XError>;

struct User {
  std::string id;
  std::string username;
  std::string access_level{};  // of OAuth 1.0a: X's x-access-level, as "read-write"; empty: not said
};

struct Post {
  std::string id;
  std::string text;
  std::optional<milliseconds> clock_offset{};  // XClient::clock_offset() after this call
};

class XClient {
 public:
  // Belongs to one thread, with the HTTP client that it makes. `now` is asked when an answer has come.
  explicit XClient(std::string api_url, std::function<UtcTime()> now = utc_now);
  // For calls to X's token endpoint, over the same kept-alive connections.
  [[nodiscard]] net::HttpClient& http() { return http_; }

  // GET /2/users/me: whom we act for. Never in doubt, since reading changes nothing.
  [[nodiscard]] XResult<User> me(const Authoriser& who);
  // POST /2/tweets, once and never again by itself; whether `text` fits is the caller's matter.
  [[nodiscard]] XResult<Post> post(const Authoriser& who, std::string_view text);
  // DELETE /2/tweets/:id; a post that is gone already is Problem::not_found.
  [[nodiscard]] XResult<void> remove(const Authoriser& who, std::string_view id);

  // GET /2/users/:id/tweets: the latest posts of `user_id`, for whom we act, that were made at
  // `since` by X's clock or later; X takes money for each that it shows. No error means that none is left
  // out, but a post may show some seconds after it was made. Never in doubt; unavailable also when there are
  // too many to see back to `since`.
  [[nodiscard]] XResult<std::vector<OwnPost>> own_posts(const Authoriser& who, std::string_view user_id,
                                                        UtcTime since);
  // The same for who did not know X's clock when it began: posts made at most `ago` before X's answer.
  [[nodiscard]] XResult<std::vector<OwnPost>> own_posts(const Authoriser& who, std::string_view user_id,
                                                        milliseconds ago);

  // How far X's clock is ahead of ours at this moment, by the Date of the latest answer to any call above;
  // nothing before the first. Our clock may have been set since: the steady one measures what has passed.
  // Date is rounded down and as old as the answer's way was long, so that now + clock_offset() is at or
  // before X's own time, by a second or so.
  //
  // This is how a post is found again: before it is sent, the moment of the intent (now + clock_offset()) is
  // stored; a doubt asks for own_posts() since then. Where X has never answered before, the clock_offset of
  // the doubtful answer tells it afterwards, and after silence the caller says how long ago it was.
  [[nodiscard]] std::optional<milliseconds> clock_offset() const;
  // Now by X's clock as far as it is known, else by ours: the time of a signature.
  [[nodiscard]] UtcTime time_at_x() const;

 private:
  struct XClock {
    UtcTime date;   // as X said
    SteadyTime at;  // when we read it
  };

  // Signed again, once, when X refuses the signature and its clock shows that ours is wrong.
  XResult<net::HttpResponse> ask(net::HttpRequest request, int expected, const Authoriser& who);
  XResult<OwnPosts> show_latest(const Authoriser& who, std::string_view user_id, std::size_t count);
  // `since`: by X's clock; nothing: `ago` before X's answer.
  XResult<std::vector<OwnPost>> latest_posts(const Authoriser& who, std::string_view user_id,
                                             std::optional<UtcTime> since, milliseconds ago);
  [[nodiscard]] tl::unexpected<XError> failed(XError error) const;  // with the clock
  void read_clock(const net::HttpResponse& response);

  net::HttpClient http_;
  std::string api_url_;
  std::function<UtcTime()> now_;
  std::optional<XClock> clock_;
};

// Maps any answer that is not the expected 2xx (pure; x_errors.cpp). `secrets` were sent, and stay out of the
// detail.
[[nodiscard]] XError classify(const net::HttpResponse& response, UtcTime now,
                              const std::vector<std::string_view>& secrets = {});

}  // namespace pigeon::x
