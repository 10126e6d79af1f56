// What each refusal of X means (docs/design.md, "Errors"). X speaks three dialects: problem documents of API
// v2 (title, type, detail, reason), v1.1's {"errors":[{"code","message"}]}, and the plain status of whatever
// stands in front of it. The type URLs vary in host, so only their ends count.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "net/json.h"
#include "net/redact.h"
#include "x/x_client.h"
#include "x/x_times.h"

namespace pigeon::x {
namespace {

using std::chrono::hours;

// No limit of X is longer than its month; a reset beyond that is nonsense from a wrong clock or a hostile
// server.
constexpr hours kLongestWait{31 * 24};
constexpr const char* kWindow = "x-rate-limit";
constexpr const char* kUserDay = "x-user-limit-24hour";
constexpr const char* kAppDay = "x-app-limit-24hour";
// A usage cap ends with the billing period, which X does not name: ask again from time to time.
constexpr hours kCapRetry{1};
// Seconds: the year 5138. What is computed with a server's number cannot overflow then.
constexpr long long kMaxNumber = 100'000'000'000;

struct Answer {
  bool readable = false;  // a JSON object
  std::string title;
  std::string type;
  std::string detail;
  std::string reason;
  long long code = 0;  // v1.1; 0: none
};

Answer read_answer(const net::HttpResponse& response) {
  Answer answer;
  const auto body = net::parse_json_object(response.body);
  if (!body) return answer;
  answer.readable = true;
  answer.title = net::string_member(*body, "title");
  answer.type = net::string_member(*body, "type");
  answer.detail = net::string_member(*body, "detail");
  answer.reason = net::string_member(*body, "reason");
  const nlohmann::json* errors = net::member(*body, "errors");
  if (errors != nullptr && errors->is_array() && !errors->empty()) {
    const nlohmann::json& first = errors->front();
    answer.code = net::integer_member(first, "code").value_or(0);
    if (answer.detail.empty()) answer.detail = net::string_member(first, "message");
    if (answer.detail.empty()) answer.detail = net::string_member(first, "detail");
  }
  if (answer.detail.empty()) answer.detail = answer.title;
  return answer;
}

bool contains(const std::string& text, std::string_view part) {
  return ascii_lower(text).find(part) != std::string::npos;
}

std::optional<Problem> problem_of_code(long long code) {
  switch (code) {
    case 89:  // invalid or expired token
      return Problem::unauthorized;
    case 64:   // suspended
    case 326:  // locked
      return Problem::suspended;
    case 34:   // no such page
    case 144:  // no such post
      return Problem::not_found;
    case 88:   // rate limit
    case 185:  // daily limit of posts
    case 344:  // daily limit of actions
      return Problem::rate_limited;
    case 186:
      return Problem::too_long;
    case 187:
      return Problem::duplicate;
    case 226:  // looks automated: once more would look more so
      return Problem::forbidden;
    case 32:   // could not authenticate: our keys or clock, not the person's link
    case 135:  // our clock
    case 215:  // bad authentication data
    case 453:  // access level
      return Problem::app_misconfigured;
    default:
      return std::nullopt;
  }
}

Problem problem_of_403(const net::HttpResponse& response, const Answer& answer) {
  if (contains(answer.detail, "duplicate content")) return Problem::duplicate;
  if (answer.type.ends_with("/user-suspended") || contains(answer.detail, "is suspended") ||
      contains(answer.detail, "is temporarily locked")) {
    return Problem::suspended;
  }
  if (answer.type.ends_with("/oauth1-permissions") || answer.type.ends_with("/client-forbidden") ||
      answer.title == "Client Forbidden" || answer.reason == "client-not-enrolled") {
    return Problem::app_misconfigured;
  }
  const auto challenge = response.headers.find("www-authenticate");
  if ((challenge != response.headers.end() && contains(challenge->second, "insufficient_scope")) ||
      contains(answer.detail, "scope")) {
    return Problem::missing_scope;
  }
  if (contains(answer.detail, "too long")) return Problem::too_long;
  return Problem::forbidden;
}

bool is_capped(const Answer& answer) {
  return answer.title == "UsageCapExceeded" || answer.type.ends_with("/usage-capped");
}

// X's API explains its refusals in JSON. A page, or a bare 403, comes from a firewall or portal on the way,
// and says nothing about the post, the token or the app.
bool is_not_from_x(const net::HttpResponse& response, const Answer& answer) {
  if (answer.readable || response.status < 400) return false;
  return response.status == 403 || trim(response.body).starts_with('<');
}

Problem problem_of(const net::HttpResponse& response, const Answer& answer) {
  const int status = response.status;
  if (status >= 500 || is_not_from_x(response, answer)) return Problem::unavailable;
  if (const auto known = problem_of_code(answer.code)) return *known;
  if (status == 402 || answer.title == "CreditsDepleted" || answer.type.ends_with("/problems/credits")) {
    return Problem::credits_depleted;
  }
  if (status == 429 || is_capped(answer)) return Problem::rate_limited;
  switch (status) {
    case 401:
      return Problem::unauthorized;
    case 403:
      return problem_of_403(response, answer);
    case 404:
      return Problem::not_found;
    case 408:  // the request did not arrive in time
    case 425:
      return Problem::unavailable;
    default:
      break;
  }
  if (status < 300) return Problem::unavailable;        // not the answer that this call has
  if (status < 400) return Problem::app_misconfigured;  // api_url leads somewhere else
  return contains(answer.detail, "too long") ? Problem::too_long : Problem::rejected;
}

// At most kMaxNumber.
std::optional<long long> number_header(const net::HttpResponse& response, const std::string& name) {
  const auto header = response.headers.find(name);
  if (header == response.headers.end()) return std::nullopt;
  const std::string& text = header->second;
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return std::min(value, kMaxNumber);
}

std::optional<UtcTime> date_header(const net::HttpResponse& response, const char* name) {
  const auto header = response.headers.find(name);
  return header == response.headers.end() ? std::nullopt : http_date(header->second);
}

// A moment of X's clock as one of ours: the box may have no RTC, so its distance from X's own Date is what
// counts.
UtcTime to_our_clock(UtcTime at, const net::HttpResponse& response, UtcTime now) {
  const UtcTime theirs = date_header(response, "date").value_or(now);
  const milliseconds longest = kLongestWait;
  return now + std::clamp(at - theirs, milliseconds(0), longest);
}

// When the limit of this name ends.
std::optional<UtcTime> reset_of(const net::HttpResponse& response, const std::string& limit, UtcTime now) {
  const auto reset = number_header(response, limit + "-reset");
  if (!reset) return std::nullopt;
  return to_our_clock(UtcTime(seconds(*reset)), response, now);
}

bool is_used_up(const net::HttpResponse& response, const std::string& limit) {
  return number_header(response, limit + "-remaining") == 0;
}

// The widest of the limits that are used up: while everybody must wait, nobody's own limit matters. Without
// any such mark the code tells, or that X names its general limit at all.
Limit limit_of(const net::HttpResponse& response, const Answer& answer) {
  if (is_capped(answer)) return Limit::app_cap;
  if (is_used_up(response, kAppDay)) return Limit::app_day;
  if (is_used_up(response, kUserDay) || answer.code == 185 || answer.code == 344) return Limit::user_day;
  if (answer.code == 88 || number_header(response, std::string(kWindow) + "-reset"))
    return Limit::user_window;
  return Limit::unnamed;
}

std::optional<UtcTime> later_of(std::optional<UtcTime> a, std::optional<UtcTime> b) {
  return a && b ? std::max(a, b) : a ? a : b;
}

// When that limit ends; what X does not name is nothing.
std::optional<UtcTime> limit_end(Limit limit, const net::HttpResponse& response, UtcTime now) {
  switch (limit) {
    case Limit::app_cap:
      return later_of(now + kCapRetry, reset_of(response, kWindow, now));
    case Limit::app_day:
      return reset_of(response, kAppDay, now);
    case Limit::user_day: {  // both are the person's
      const auto day = reset_of(response, kUserDay, now);
      const bool window_counts = !day || is_used_up(response, kWindow);
      return window_counts ? later_of(day, reset_of(response, kWindow, now)) : day;
    }
    case Limit::user_window:
      return reset_of(response, kWindow, now);
    case Limit::unnamed:
      break;
  }
  return std::nullopt;
}

Doubt doubt_of(int status) {
  if (status >= 500) return Doubt::answered;
  return status < 300 ? Doubt::unreadable : Doubt::none;
}

std::optional<UtcTime> retry_after(const net::HttpResponse& response, UtcTime now) {
  if (const auto delay = number_header(response, "retry-after")) {
    const long long longest = std::chrono::seconds(kLongestWait).count();
    return now + std::chrono::seconds(std::min(*delay, longest));
  }
  if (const auto date = date_header(response, "retry-after")) return to_our_clock(*date, response, now);
  return std::nullopt;
}

}  // namespace

XError classify(const net::HttpResponse& response, UtcTime now,
                const std::vector<std::string_view>& secrets) {
  const Answer answer = read_answer(response);
  XError error;
  error.problem = problem_of(response, answer);
  error.code = answer.code;
  error.detail =
      net::redact(answer.detail.empty() ? "HTTP " + std::to_string(response.status) : answer.detail, secrets);
  error.retry_at = retry_after(response, now);
  if (error.problem == Problem::rate_limited) {
    error.limit = limit_of(response, answer);
    error.retry_at = later_of(error.retry_at, limit_end(error.limit, response, now));
  }
  error.doubt = doubt_of(response.status);
  return error;
}

}  // namespace pigeon::x
