// X's refusals by name, as answers that can be injected: the bodies of the error table in docs/design.md,
// word for word.
#include <nlohmann/json.hpp>

#include "sim/x/x_sandbox_state.h"

namespace pigeon::sim {
namespace {

using nlohmann::json;

InjectedAnswer with_body(InjectedAnswer answer, int status, const json& body) {
  answer.status = status;
  answer.body = body.dump();
  answer.headers.emplace_back("Content-Type", "application/problem+json");
  return answer;
}

InjectedAnswer too_many(InjectedAnswer answer, const json& body) {
  answer.headers = {
      {"x-rate-limit-limit", "100"}, {"x-rate-limit-remaining", "0"}, {"x-rate-limit-reset", "{now+2}"}};
  return with_body(std::move(answer), 429, body);
}

// A limit of 24 hours is used up, of the person or of the app, while the general one is not.
InjectedAnswer day_limit(InjectedAnswer answer, const std::string& limit) {
  answer.headers = {{"x-rate-limit-limit", "100"},       {"x-rate-limit-remaining", "42"},
                    {"x-rate-limit-reset", "{now+600}"}, {limit + "-limit", "100"},
                    {limit + "-remaining", "0"},         {limit + "-reset", "{now+2}"}};
  return with_body(std::move(answer), 429, problem(429, "Too Many Requests", "Too Many Requests"));
}

// What stands before X loses patience, while X itself goes on.
InjectedAnswer gateway_timeout(InjectedAnswer answer) {
  answer.status = 504;
  answer.body = "<html><body><h1>504 Gateway Time-out</h1></body></html>";
  answer.headers.emplace_back("Content-Type", "text/html");
  answer.carry_out_first = true;
  return answer;
}

json usage_cap() {
  json body = problem(429, "UsageCapExceeded", "Usage cap exceeded: Monthly product cap",
                      "https://api.twitter.com/2/problems/usage-capped");
  body["period"] = "Monthly";
  body["scope"] = "Product";
  return body;
}

json client_forbidden() {
  json body = problem(
      403, "Client Forbidden",
      "When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens from "
      "a Twitter developer App that is attached to a Project.",
      "https://api.twitter.com/2/problems/client-forbidden");
  body["reason"] = "client-not-enrolled";
  return body;
}

}  // namespace

std::optional<InjectedAnswer> named_fault(std::string_view name, std::string match, int times) {
  InjectedAnswer answer;
  answer.match = std::move(match);
  answer.times = times;
  if (name == "unavailable") {
    return with_body(answer, 503, problem(503, "Service Unavailable", "Service Unavailable"));
  }
  if (name == "too-many-requests")
    return too_many(answer, problem(429, "Too Many Requests", "Too Many Requests"));
  if (name == "rate-limited-88") {
    return too_many(answer, {{"errors", json::array({{{"code", 88}, {"message", "Rate limit exceeded"}}})}});
  }
  if (name == "usage-cap") return with_body(answer, 429, usage_cap());
  if (name == "credits-depleted") {
    return with_body(answer, 402,
                     problem(402, "CreditsDepleted", "Your account does not have any credits left.",
                             "https://api.x.com/2/problems/credits"));
  }
  if (name == "suspended") {
    return with_body(answer, 403,
                     problem(403, "Forbidden", "The user used for authentication is suspended",
                             "https://api.twitter.com/2/problems/user-suspended"));
  }
  if (name == "locked") {
    return with_body(answer, 403, problem(403, "Forbidden", "Your account is temporarily locked."));
  }
  if (name == "automated") {
    return with_body(
        answer, 403,
        {{"errors",
          json::array({{{"code", 226}, {"message", "This request looks like it might be automated."}}})}});
  }
  if (name == "user-day-limit") return day_limit(answer, "x-user-limit-24hour");
  if (name == "app-day-limit") return day_limit(answer, "x-app-limit-24hour");
  if (name == "gateway-timeout") return gateway_timeout(answer);
  if (name == "client-forbidden") return with_body(answer, 403, client_forbidden());
  if (name == "unauthorized") return with_body(answer, 401, problem(401, "Unauthorized", "Unauthorized"));
  if (name == "dead-token") {
    return with_body(
        answer, 400,
        {{"error", "invalid_request"}, {"error_description", "Value passed for the token was invalid."}});
  }
  if (name == "wrong-client") {
    return with_body(
        answer, 401,
        {{"error", "unauthorized_client"}, {"error_description", "Missing valid authorization header"}});
  }
  answer.drop_connection = true;
  answer.carry_out_first = name == "lost-answer";
  if (name == "lost-answer" || name == "dropped") return answer;
  return std::nullopt;
}

}  // namespace pigeon::sim
