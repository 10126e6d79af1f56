// The calls to X's API v2: the requests, and the reading of the expected answers. Every other answer goes
// through classify() (x_errors.cpp).
#include "x/x_client.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "net/json.h"
#include "net/redact.h"
#include "x/x_times.h"

namespace pigeon::x {
namespace {

constexpr std::size_t kMaxIdDigits = 20;  // 64 bits
constexpr std::size_t kMaxUsernameLength = 50;
// How many of a person's posts are asked for at first, and when those do not reach back far enough; X's own
// bounds are 5 and 100.
constexpr std::size_t kFewPosts = 10;
constexpr std::size_t kMostPosts = 100;
// How far a signature's time may be off before it is worth signing again; X takes five minutes.
constexpr milliseconds kClockTolerance = std::chrono::minutes(1);

bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= kMaxIdDigits &&
         std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_username(std::string_view name) {
  return !name.empty() && name.size() <= kMaxUsernameLength &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

net::HttpRequest request_of(std::string method, std::string url) {
  net::HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.headers = {"Accept: application/json"};
  return request;
}

XError in_doubt(Doubt doubt, std::string detail) {
  XError error;
  error.problem = Problem::unavailable;
  error.detail = std::move(detail);
  error.doubt = doubt;
  return error;
}

XError transport_error(const Error& error, const std::vector<std::string_view>& secrets) {
  const std::string detail = net::redact(error.message, secrets);
  if (error.code == Errc::outcome_unknown) return in_doubt(Doubt::silent, detail);
  XError out;
  out.problem = error.code == Errc::bad_input ? Problem::rejected : Problem::unreachable;
  out.detail = detail;
  return out;
}

// The status says that the request was carried out, but what came of it is lost.
XError unreadable(std::string_view what) {
  return in_doubt(Doubt::unreadable, "X's answer has no " + std::string(what));
}

XError refused(std::string detail) {
  return {.problem = Problem::rejected, .detail = std::move(detail)};
}

// The error of a call that changes nothing: whatever happened to it, there is nothing to find out.
XError of_reading(XError error) {
  error.doubt = Doubt::none;
  return error;
}

// The `data` object of an answer; null without one.
nlohmann::json data_of(const net::HttpResponse& response) {
  const auto body = net::parse_json_object(response.body);
  const nlohmann::json* data = body ? net::member(*body, "data") : nullptr;
  return data != nullptr && data->is_object() ? *data : nlohmann::json();
}

}  // namespace

XClient::XClient(std::string api_url, std::function<UtcTime()> now)
    : api_url_(std::move(api_url)), now_(std::move(now)) {}

// The answer with the expected status; every other one is an error.
XResult<net::HttpResponse> XClient::ask(net::HttpRequest request, int expected, const Authoriser& who) {
  request.headers.push_back(who.header(request.method, request.url, time_at_x()));
  const UtcTime signed_at = time_at_x();
  auto response = http_.send(request);
  if (response) read_clock(*response);
  const bool by_wrong_clock = response && response->status == 401 && who.signs() &&
                              std::chrono::abs(time_at_x() - signed_at) > kClockTolerance;
  if (by_wrong_clock) {
    request.headers.back() = who.header(request.method, request.url, time_at_x());
    response = http_.send(request);
  }
  if (response && response->status == expected) return std::move(*response);
  const std::vector<std::string_view> secrets{who.token(), who.secret()};
  XError error = response ? classify(*response, now_(), secrets) : transport_error(response.error(), secrets);
  return failed(std::move(error));
}

tl::unexpected<XError> XClient::failed(XError error) const {
  error.clock_offset = clock_offset();
  return tl::make_unexpected(std::move(error));
}

UtcTime XClient::time_at_x() const {
  return now_() + clock_offset().value_or(milliseconds(0));
}

void XClient::read_clock(const net::HttpResponse& response) {
  const auto header = response.headers.find("date");
  if (header == response.headers.end()) return;
  if (const auto date = http_date(header->second)) clock_ = {*date, steady_now()};
}

std::optional<milliseconds> XClient::clock_offset() const {
  if (!clock_) return std::nullopt;
  const auto passed = std::chrono::floor<milliseconds>(steady_now() - clock_->at);
  return clock_->date + passed - now_();
}

XResult<User> XClient::me(const Authoriser& who) {
  const auto answer = ask(request_of("GET", api_url_ + "/2/users/me"), 200, who);
  if (!answer) return failed(of_reading(answer.error()));
  const nlohmann::json data = data_of(*answer);
  User user{net::string_member(data, "id"), net::string_member(data, "username"), {}};
  if (!is_id(user.id) || !is_username(user.username)) return failed(of_reading(unreadable("user")));
  if (const auto level = answer->headers.find("x-access-level"); level != answer->headers.end())
    user.access_level = level->second;
  return user;
}

XResult<Post> XClient::post(const Authoriser& who, std::string_view text) {
  if (!is_valid_utf8(text)) return failed(refused("the text is not UTF-8"));
  net::HttpRequest request = request_of("POST", api_url_ + "/2/tweets");
  request.headers.emplace_back("Content-Type: application/json");
  request.body = nlohmann::json{{"text", text}}.dump();
  const auto answer = ask(request, 201, who);
  if (!answer) return tl::make_unexpected(answer.error());
  const nlohmann::json data = data_of(*answer);
  Post post{net::string_member(data, "id"), net::string_member(data, "text"), clock_offset()};
  if (!is_id(post.id)) return failed(unreadable("post id"));
  return post;
}

XResult<void> XClient::remove(const Authoriser& who, std::string_view id) {
  if (!is_id(id)) return failed(refused("not the id of a post"));
  const std::string url = api_url_ + "/2/tweets/" + std::string(id);
  const auto answer = ask(request_of("DELETE", url), 200, who);
  if (!answer) return tl::make_unexpected(answer.error());
  if (data_of(*answer).is_null()) return failed(unreadable("data"));
  return {};
}

XResult<std::vector<OwnPost>> XClient::own_posts(const Authoriser& who, std::string_view user_id,
                                                 UtcTime since) {
  return latest_posts(who, user_id, since, {});
}

XResult<std::vector<OwnPost>> XClient::own_posts(const Authoriser& who, std::string_view user_id,
                                                 milliseconds ago) {
  return latest_posts(who, user_id, std::nullopt, ago);
}

XResult<std::vector<OwnPost>> XClient::latest_posts(const Authoriser& who, std::string_view user_id,
                                                    std::optional<UtcTime> since, milliseconds ago) {
  if (!is_id(user_id)) return failed(refused("not the id of a user"));
  // Each post shown is paid for, and few people post more than a handful within a doubt.
  for (const std::size_t count : {kFewPosts, kMostPosts}) {
    auto shown = show_latest(who, user_id, count);
    if (!shown) return failed(of_reading(std::move(shown.error())));
    const UtcTime from = since ? *since : time_at_x() - ago;
    const auto is_earlier = [from](const OwnPost& post) {
      return post.created_at < std::chrono::floor<seconds>(from);  // as X rounds its own times
    };
    std::vector<OwnPost>& posts = shown->posts;
    const bool more = shown->more || posts.size() >= count;
    const bool reaches_back = std::erase_if(posts, is_earlier) > 0;
    if (reaches_back || !more) return std::move(posts);
  }
  return failed({.problem = Problem::unavailable, .detail = "too many posts since then to see them all"});
}

XResult<OwnPosts> XClient::show_latest(const Authoriser& who, std::string_view user_id, std::size_t count) {
  const std::string url = api_url_ + "/2/users/" + std::string(user_id) +
                          "/tweets?max_results=" + std::to_string(count) +
                          "&tweet.fields=created_at,entities";
  const auto answer = ask(request_of("GET", url), 200, who);
  if (!answer) return tl::make_unexpected(answer.error());
  auto own = read_own_posts(answer->body);
  const bool readable = own && std::all_of(own->posts.begin(), own->posts.end(),
                                           [](const OwnPost& post) { return is_id(post.id); });
  if (!readable) return failed(unreadable("posts"));
  return std::move(*own);
}

}  // namespace pigeon::x
