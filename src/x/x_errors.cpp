// What each refusal of X means (docs/design.md, "Errors"). X speaks three dialects: problem documents of API
// v2 (title, type, detail, reason), v1.1's {"errors":[{"code","message"}]}, and the plain status of whatever
// stands in front of it. The type URLs vary in host, so only their ends count.
#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "net/json.h"
#include "net/redact.h"
#include "x/x_client.h"

namespace pigeon::x {
namespace {

using std::chrono::hours;

// No limit of X is longer than its month; a reset beyond that is nonsense from a wrong clock or a hostile
// server.
constexpr hours kLongestWait{31 * 24};
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
    case 32:  // could not authenticate
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
    case 215:  // bad authentication data
    case 453:  // access level
      return Problem::app_misconfigured;
    default:
      return std::nullopt;
  }
}

Problem problem_of_403(const net::HttpResponse& response, const Answer& answer) {
  // X's API explains its refusals; a bare 403 is a firewall before it, and says nothing about the post.
  if (!answer.readable) return Problem::unavailable;
  if (contains(answer.detail, "duplicate content")) return Problem::duplicate;
  if (answer.type.ends_with("/user-suspended") || contains(answer.detail, "is suspended"))
    return Problem::suspended;
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

Problem problem_of(const net::HttpResponse& response, const Answer& answer) {
  const int status = response.status;
  if (status >= 500) return Problem::unavailable;
  if (const auto known = problem_of_code(answer.code)) return *known;
  if (status == 402 || answer.title == "CreditsDepleted" || answer.type.ends_with("/problems/credits")) {
    return Problem::credits_depleted;
  }
  if (status == 429 || answer.title == "UsageCapExceeded" || answer.type.ends_with("/usage-capped")) {
    return Problem::rate_limited;
  }
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
std::optional<long long> number_header(const net::HttpResponse& response, const char* name) {
  const auto header = response.headers.find(name);
  if (header == response.headers.end()) return std::nullopt;
  const std::string& text = header->second;
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return std::min(value, kMaxNumber);
}

std::optional<std::chrono::seconds> date_header(const net::HttpResponse& response, const char* name) {
  const auto header = response.headers.find(name);
  if (header == response.headers.end()) return std::nullopt;
  const time_t at = curl_getdate(header->second.c_str(), nullptr);
  if (at < 0) return std::nullopt;
  return std::chrono::seconds(std::min<long long>(at, kMaxNumber));
}

// A moment of X's clock as one of ours: the box may have no RTC, so its distance from X's own Date is what
// counts.
UtcTime to_our_clock(std::chrono::seconds at, const net::HttpResponse& response, UtcTime now) {
  const auto theirs = date_header(response, "date");
  const UtcTime base = theirs ? UtcTime(*theirs) : now;
  const milliseconds longest = kLongestWait;
  const milliseconds least(0);
  if (at > base.time_since_epoch() + kLongestWait) return now + longest;
  return now + std::max(least, milliseconds(at) - base.time_since_epoch());
}

// The latest reset among the limits that are used up; without any such mark the general one.
std::optional<UtcTime> limit_reset(const net::HttpResponse& response, UtcTime now) {
  constexpr std::array<std::string_view, 3> kLimits{"x-rate-limit", "x-user-limit-24hour",
                                                    "x-app-limit-24hour"};
  std::optional<UtcTime> latest;
  for (const std::string_view limit : kLimits) {
    const auto remaining = number_header(response, (std::string(limit) + "-remaining").c_str());
    const auto reset = number_header(response, (std::string(limit) + "-reset").c_str());
    if (!reset || remaining != 0) continue;
    const UtcTime at = to_our_clock(std::chrono::seconds(*reset), response, now);
    latest = latest ? std::max(*latest, at) : at;
  }
  if (latest) return latest;
  const auto reset = number_header(response, "x-rate-limit-reset");
  if (!reset) return std::nullopt;
  return to_our_clock(std::chrono::seconds(*reset), response, now);
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

XError classify(const net::HttpResponse& response, UtcTime now) {
  const Answer answer = read_answer(response);
  XError error;
  error.problem = problem_of(response, answer);
  error.detail =
      net::redact(answer.detail.empty() ? "HTTP " + std::to_string(response.status) : answer.detail, {});
  error.retry_at = retry_after(response, now);
  if (error.problem == Problem::rate_limited) {
    if (const auto reset = limit_reset(response, now))
      error.retry_at = std::max(error.retry_at.value_or(now), *reset);
    const bool capped = answer.title == "UsageCapExceeded" || answer.type.ends_with("/usage-capped");
    if (capped) error.retry_at = std::max(error.retry_at.value_or(now), now + kCapRetry);
  }
  error.outcome_unknown = response.status >= 500 || response.status < 300;
  error.answered = true;
  return error;
}

}  // namespace pigeon::x
