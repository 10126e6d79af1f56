// Every row of the error table (docs/design.md, "Errors") and its relatives: answer in, meaning out.
#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "x/x_client.h"

using namespace pigeon;
using namespace pigeon::x;
using pigeon::net::HttpResponse;

namespace {

constexpr std::int64_t kNowSeconds = 1'800'000'000;
const UtcTime kNow = from_unix_ms(kNowSeconds * 1000);

HttpResponse answer(int status, std::string body, std::map<std::string, std::string> headers = {}) {
  return {status, std::move(headers), std::move(body)};
}

std::optional<std::int64_t> wait_seconds(const HttpResponse& response) {
  const auto at = classify(response, kNow).retry_at;
  if (!at) return std::nullopt;
  return (to_unix_ms(*at) - to_unix_ms(kNow)) / 1000;
}

}  // namespace

TEST_CASE("errors: what each refusal asks of us") {
  struct Row {
    const char* name;
    int status;
    const char* body;
    Problem problem;
    const char* detail;
  };
  const Row rows[] = {
      {"401", 401, R"({"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"})",
       Problem::unauthorized, "Unauthorized"},
      {"401 without a body", 401, "", Problem::unauthorized, "HTTP 401"},
      {"duplicate", 403,
       R"({"detail":"You are not allowed to create a Tweet with duplicate content.","type":"about:blank","title":"Forbidden","status":403})",
       Problem::duplicate, "You are not allowed to create a Tweet with duplicate content."},
      {"suspended by type", 403,
       R"({"title":"Forbidden","detail":"no","type":"https://api.x.com/2/problems/user-suspended"})",
       Problem::suspended, "no"},
      {"suspended by type of the old host", 403,
       R"({"title":"Forbidden","detail":"no","type":"https://api.twitter.com/2/problems/user-suspended"})",
       Problem::suspended, "no"},
      {"suspended by words", 403, R"({"detail":"The user used for authentication is suspended"})",
       Problem::suspended, "The user used for authentication is suspended"},
      {"locked by words", 403, R"({"title":"Forbidden","detail":"Your account is temporarily locked."})",
       Problem::suspended, "Your account is temporarily locked."},
      {"app permissions", 403,
       R"({"title":"Forbidden","detail":"app permissions","type":"https://api.twitter.com/2/problems/oauth1-permissions"})",
       Problem::app_misconfigured, "app permissions"},
      {"app permissions at the new host", 403,
       R"({"title":"Forbidden","detail":"app permissions","type":"https://api.x.com/2/problems/oauth1-permissions"})",
       Problem::app_misconfigured, "app permissions"},
      {"client forbidden by title", 403, R"({"title":"Client Forbidden","detail":"attach it"})",
       Problem::app_misconfigured, "attach it"},
      {"client forbidden by type", 403,
       R"({"type":"https://api.x.com/2/problems/client-forbidden","title":"No"})", Problem::app_misconfigured,
       "No"},
      {"client forbidden by reason", 403,
       R"({"title":"Forbidden","detail":"no","reason":"client-not-enrolled"})", Problem::app_misconfigured,
       "no"},
      {"scope by words", 403, R"({"title":"Forbidden","detail":"Missing scope tweet.write"})",
       Problem::missing_scope, "Missing scope tweet.write"},
      {"too long", 403, R"({"title":"Forbidden","detail":"Your Tweet text is too long."})", Problem::too_long,
       "Your Tweet text is too long."},
      {"any other 403", 403, R"({"title":"Forbidden","detail":"You cannot reply to this."})",
       Problem::forbidden, "You cannot reply to this."},
      {"a firewall's 403", 403, "<html>Access denied</html>", Problem::unavailable, "HTTP 403"},
      {"a bare 403", 403, "", Problem::unavailable, "HTTP 403"},
      {"a portal's 401", 401, "\r\n<!DOCTYPE html>Log in", Problem::unavailable, "HTTP 401"},
      {"a front's 400", 400, "<html>Bad Request</html>", Problem::unavailable, "HTTP 400"},
      {"a front's 404", 404, "<html>Not Found</html>", Problem::unavailable, "HTTP 404"},
      {"404 without a body", 404, "", Problem::not_found, "HTTP 404"},
      {"credits", 402,
       R"({"title":"CreditsDepleted","type":"https://api.x.com/2/problems/credits","detail":"No credits left."})",
       Problem::credits_depleted, "No credits left."},
      {"credits by title", 403, R"({"title":"CreditsDepleted"})", Problem::credits_depleted,
       "CreditsDepleted"},
      {"402 without a body", 402, "", Problem::credits_depleted, "HTTP 402"},
      {"usage cap", 429,
       R"({"title":"UsageCapExceeded","type":"https://api.twitter.com/2/problems/usage-capped","period":"Monthly","detail":"Usage cap exceeded: Monthly product cap"})",
       Problem::rate_limited, "Usage cap exceeded: Monthly product cap"},
      {"rate limit of v1.1", 429, R"({"errors":[{"code":88,"message":"Rate limit exceeded"}]})",
       Problem::rate_limited, "Rate limit exceeded"},
      {"too many requests", 429, R"({"title":"Too Many Requests","detail":"Too Many Requests","status":429})",
       Problem::rate_limited, "Too Many Requests"},
      {"429 without JSON", 429, "Too Many Requests", Problem::rate_limited, "HTTP 429"},
      {"unavailable", 503, R"({"title":"Service Unavailable","detail":"Service Unavailable","status":503})",
       Problem::unavailable, "Service Unavailable"},
      {"bad gateway", 502, "<html>", Problem::unavailable, "HTTP 502"},
      {"a 500 that quotes a code", 500, R"({"errors":[{"code":187,"message":"m"}]})", Problem::unavailable,
       "m"},
      {"code 32", 401, R"({"errors":[{"code":32,"message":"m"}]})", Problem::app_misconfigured, "m"},
      {"code 135", 401, R"({"errors":[{"code":135,"message":"m"}]})", Problem::app_misconfigured, "m"},
      {"code 89", 403, R"({"errors":[{"code":89,"message":"m"}]})", Problem::unauthorized, "m"},
      {"code 64", 403, R"({"errors":[{"code":64,"message":"m"}]})", Problem::suspended, "m"},
      {"code 326", 403, R"({"errors":[{"code":326,"message":"m"}]})", Problem::suspended, "m"},
      {"code 226", 403, R"({"errors":[{"code":226,"message":"m"}]})", Problem::forbidden, "m"},
      {"code 226 with another status", 400, R"({"errors":[{"code":226,"message":"m"}]})", Problem::forbidden,
       "m"},
      {"code 187", 403, R"({"errors":[{"code":187,"message":"m"}]})", Problem::duplicate, "m"},
      {"code 215", 400, R"({"errors":[{"code":215,"message":"m"}]})", Problem::app_misconfigured, "m"},
      {"code 185", 403, R"({"errors":[{"code":185,"message":"m"}]})", Problem::rate_limited, "m"},
      {"code 344", 403, R"({"errors":[{"code":344,"message":"m"}]})", Problem::rate_limited, "m"},
      {"code 453", 403, R"({"errors":[{"code":453,"message":"m"}]})", Problem::app_misconfigured, "m"},
      {"code 186", 403, R"({"errors":[{"code":186,"message":"m"}]})", Problem::too_long, "m"},
      {"code 144", 404, R"({"errors":[{"code":144,"message":"m"}]})", Problem::not_found, "m"},
      {"code 34", 404, R"({"errors":[{"code":34,"message":"m"}]})", Problem::not_found, "m"},
      {"an unknown code", 400, R"({"errors":[{"code":999,"message":"m"}]})", Problem::rejected, "m"},
      {"bad parameters", 400,
       R"({"errors":[{"message":"unknown field"}],"title":"Invalid Request","detail":"One"})",
       Problem::rejected, "One"},
      {"no such post", 404, R"({"title":"Not Found Error","detail":"Could not find"})", Problem::not_found,
       "Could not find"},
      {"arrived too late", 408, "", Problem::unavailable, "HTTP 408"},
      {"a redirect", 301, "", Problem::app_misconfigured, "HTTP 301"},
      {"another success", 202, "{}", Problem::unavailable, "HTTP 202"},
      {"errors of another type", 403, R"({"errors":{"code":187}})", Problem::forbidden, "HTTP 403"},
      {"errors of nothing", 403, R"({"errors":[]})", Problem::forbidden, "HTTP 403"},
      {"errors in words", 403, R"({"errors":["duplicate"]})", Problem::forbidden, "HTTP 403"},
      {"a code in words", 403, R"({"errors":[{"code":"187"}]})", Problem::forbidden, "HTTP 403"},
      {"a code beyond 64 bits", 403, R"({"errors":[{"code":18700000000000000000}]})", Problem::forbidden,
       "HTTP 403"},
      {"members of other types", 403, R"({"title":1,"detail":[],"type":{},"reason":null})",
       Problem::forbidden, "HTTP 403"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const XError error = classify(answer(row.status, row.body), kNow);
    CHECK(static_cast<int>(error.problem) == static_cast<int>(row.problem));
    CHECK(error.detail == row.detail);
  }
}

TEST_CASE("errors: a scope missing by the challenge of RFC 6750") {
  const auto response = answer(403, R"({"title":"Forbidden","detail":"Forbidden"})",
                               {{"www-authenticate", R"(Bearer error="insufficient_scope")"}});
  CHECK(classify(response, kNow).problem == Problem::missing_scope);
}

TEST_CASE("errors: only 5xx and odd successes leave the outcome open") {
  for (const int status : {500, 502, 503, 504, 599}) {
    CAPTURE(status);
    CHECK(classify(answer(status, ""), kNow).doubt == Doubt::answered);
  }
  for (const int status : {200, 202, 299}) {
    CAPTURE(status);
    CHECK(classify(answer(status, ""), kNow).doubt == Doubt::unreadable);
  }
  for (const int status : {301, 400, 401, 402, 403, 404, 408, 429}) {
    CAPTURE(status);
    CHECK(classify(answer(status, ""), kNow).doubt == Doubt::none);
  }
}

TEST_CASE("errors: whose limit is used up, and until when") {
  constexpr const char* kTooMany = R"({"title":"Too Many Requests","status":429})";
  constexpr const char* kCap = R"({"title":"UsageCapExceeded","period":"Monthly","scope":"Product"})";
  const auto used = [](const std::string& limit, int remaining, int seconds) {
    return std::map<std::string, std::string>{{limit + "-remaining", std::to_string(remaining)},
                                              {limit + "-reset", std::to_string(kNowSeconds + seconds)}};
  };
  const auto both = [](std::map<std::string, std::string> a, const std::map<std::string, std::string>& b) {
    a.insert(b.begin(), b.end());
    return a;
  };
  const auto window = used("x-rate-limit", 0, 60);
  const auto open_window = used("x-rate-limit", 7, 60);
  const auto user_day = used("x-user-limit-24hour", 0, 3600);
  const auto app_day = used("x-app-limit-24hour", 0, 1800);
  struct Row {
    const char* name;
    int status;
    const char* body;
    std::map<std::string, std::string> headers;
    Limit limit;
    std::optional<std::int64_t> wait;
  };
  const Row rows[] = {
      {"nothing said", 429, kTooMany, {}, Limit::unnamed, std::nullopt},
      {"only when to come back", 429, kTooMany, {{"retry-after", "30"}}, Limit::unnamed, 30},
      {"the window", 429, kTooMany, window, Limit::user_window, 60},
      {"the window, not marked", 429, kTooMany, open_window, Limit::user_window, 60},
      {"code 88 without headers", 429, R"({"errors":[{"code":88}]})", {}, Limit::user_window, std::nullopt},
      {"the person's day", 429, kTooMany, both(open_window, user_day), Limit::user_day, 3600},
      {"the person's day ends before the window", 429, kTooMany,
       both(window, used("x-user-limit-24hour", 0, 30)), Limit::user_day, 60},
      {"code 185", 403, R"({"errors":[{"code":185}]})", {}, Limit::user_day, std::nullopt},
      {"code 344", 403, R"({"errors":[{"code":344}]})", user_day, Limit::user_day, 3600},
      {"code 344, and only the window is named", 403, R"({"errors":[{"code":344}]})", open_window,
       Limit::user_day, 60},
      {"the app's day", 429, kTooMany, both(open_window, app_day), Limit::app_day, 1800},
      {"the app's day is everybody's", 429, kTooMany, both(user_day, app_day), Limit::app_day, 1800},
      {"a day that is not used up", 429, kTooMany, both(window, used("x-app-limit-24hour", 9, 1800)),
       Limit::user_window, 60},
      {"the app's cap", 429, kCap, {}, Limit::app_cap, 3600},
      {"the app's cap beside the day", 429, kCap, both(user_day, app_day), Limit::app_cap, 3600},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const auto response = answer(row.status, row.body, row.headers);
    CHECK(static_cast<int>(classify(response, kNow).limit) == static_cast<int>(row.limit));
    CHECK(wait_seconds(response) == row.wait);
  }
  CHECK(classify(answer(503, "", user_day), kNow).limit == Limit::unnamed);
}

TEST_CASE("errors: when a rate limit ends") {
  const std::string soon = std::to_string(kNowSeconds + 60);
  const std::string later = std::to_string(kNowSeconds + 3600);
  struct Row {
    const char* name;
    std::map<std::string, std::string> headers;
    std::optional<std::int64_t> wait;
  };
  const Row rows[] = {
      {"nothing said", {}, std::nullopt},
      {"reset", {{"x-rate-limit-reset", soon}}, 60},
      {"reset of what is used up",
       {{"x-rate-limit-remaining", "7"},
        {"x-rate-limit-reset", soon},
        {"x-user-limit-24hour-remaining", "0"},
        {"x-user-limit-24hour-reset", later}},
       3600},
      {"the app's day",
       {{"x-rate-limit-remaining", "0"},
        {"x-rate-limit-reset", soon},
        {"x-app-limit-24hour-remaining", "0"},
        {"x-app-limit-24hour-reset", later}},
       3600},
      {"retry-after", {{"retry-after", "30"}}, 30},
      {"the later of both", {{"retry-after", "30"}, {"x-rate-limit-reset", soon}}, 60},
      {"retry-after as a date", {{"retry-after", "Fri, 15 Jan 2027 08:01:40 GMT"}}, 100},
      // X's clock is an hour ahead of ours: what counts is the distance to its own Date.
      {"our clock is wrong", {{"x-rate-limit-reset", later}, {"date", "Fri, 15 Jan 2027 08:58:00 GMT"}}, 120},
      {"past", {{"x-rate-limit-reset", "1000"}}, 0},
      {"far beyond a month", {{"x-rate-limit-reset", "9223372036854775807"}}, 31 * 86400},
      {"endless retry-after", {{"retry-after", "9223372036854775807"}}, 31 * 86400},
      {"beyond 64 bits", {{"x-rate-limit-reset", "99999999999999999999"}}, std::nullopt},
      {"negative", {{"x-rate-limit-reset", "-5"}}, std::nullopt},
      {"words", {{"x-rate-limit-reset", "soon"}, {"retry-after", "soon"}}, std::nullopt},
      {"odd date", {{"x-rate-limit-reset", soon}, {"date", "yesterday"}}, 60},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(wait_seconds(answer(429, "", row.headers)) == row.wait);
  }
}

TEST_CASE("errors: a usage cap, whose end X does not tell, is asked about hourly") {
  const std::string body = R"({"title":"UsageCapExceeded","period":"Monthly"})";
  CHECK(wait_seconds(answer(429, body)) == 3600);
  CHECK(wait_seconds(answer(429, body, {{"x-rate-limit-reset", std::to_string(kNowSeconds + 60)}})) == 3600);
  CHECK(wait_seconds(answer(429, body, {{"retry-after", "7200"}})) == 7200);
}

TEST_CASE("errors: a 503 may say when to come back") {
  CHECK(wait_seconds(answer(503, "", {{"retry-after", "30"}})) == 30);
  CHECK(wait_seconds(answer(503, "", {{"x-rate-limit-reset", std::to_string(kNowSeconds + 60)}})) ==
        std::nullopt);
}

TEST_CASE("errors: details are short and hold no control characters") {
  const XError error =
      classify(answer(400, "{\"detail\":\"a\\n\\u001b[31m" + std::string(5000, 'x') + "\"}"), kNow);
  CHECK(error.detail.starts_with("a\\n\\x1b[31mxxx"));
  CHECK(error.detail.size() <= 310);
}

TEST_CASE("errors: what we sent is taken out of the detail before it is cut") {
  for (std::size_t before = 285; before < 303; ++before) {
    CAPTURE(before);
    const auto quoting = answer(403, R"({"detail":")" + std::string(before, '.') + R"(hush-1234"})");
    CHECK(classify(quoting, kNow, {"hush-1234"}).detail.find("hu") == std::string::npos);
  }
}
