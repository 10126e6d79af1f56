// The calls to X's API v2: bearer requests, and the reading of the expected answers. Every other answer goes
// through classify() (x_errors.cpp).
#include "x/x_client.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "net/json.h"
#include "net/redact.h"

namespace pigeon::x {
namespace {

constexpr std::size_t kMaxIdDigits = 20;  // 64 bits
constexpr std::size_t kMaxUsernameLength = 50;

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

net::HttpRequest bearer_request(std::string method, std::string url, std::string_view access_token) {
  net::HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.headers = {"Authorization: Bearer " + std::string(access_token), "Accept: application/json"};
  return request;
}

XError transport_error(const Error& error) {
  XError out;
  out.detail = error.message;
  if (error.code == Errc::outcome_unknown) {
    out.problem = Problem::unavailable;
    out.outcome_unknown = true;
  } else {
    out.problem = error.code == Errc::bad_input ? Problem::rejected : Problem::unreachable;
  }
  return out;
}

// The `data` object of an answer with the expected status. An unreadable one is an unknown outcome: the
// status says that it was carried out, but what came of it is lost.
XResult<nlohmann::json> ask(net::HttpClient& http, const net::HttpRequest& request, int expected,
                            std::string_view token) {
  const auto response = http.send(request);
  if (!response) return tl::make_unexpected(transport_error(response.error()));
  if (response->status != expected) {
    XError error = classify(*response, utc_now());
    error.detail = net::redact(error.detail, {token});
    return tl::make_unexpected(std::move(error));
  }
  const auto body = net::parse_json_object(response->body);
  const nlohmann::json* data = body ? net::member(*body, "data") : nullptr;
  if (data == nullptr || !data->is_object()) {
    return tl::make_unexpected(XError{.problem = Problem::unavailable,
                                      .detail = "X's answer cannot be read",
                                      .retry_at = {},
                                      .outcome_unknown = true});
  }
  return *data;
}

tl::unexpected<XError> unreadable(std::string_view what) {
  return tl::make_unexpected(XError{.problem = Problem::unavailable,
                                    .detail = "X's answer has no " + std::string(what),
                                    .retry_at = {},
                                    .outcome_unknown = true});
}

tl::unexpected<XError> refused(std::string detail) {
  return tl::make_unexpected(
      XError{.problem = Problem::rejected, .detail = std::move(detail), .retry_at = {}});
}

}  // namespace

XClient::XClient(std::string api_url) : api_url_(std::move(api_url)) {}

XResult<User> XClient::me(std::string_view access_token) {
  auto data = ask(http_, bearer_request("GET", api_url_ + "/2/users/me", access_token), 200, access_token);
  User user;
  if (data) user = {net::string_member(*data, "id"), net::string_member(*data, "username")};
  if (data && is_id(user.id) && is_username(user.username)) return user;
  XError error = data ? unreadable("user").value() : std::move(data.error());
  error.outcome_unknown = false;  // reading changes nothing
  return tl::make_unexpected(std::move(error));
}

XResult<Post> XClient::post(std::string_view access_token, std::string_view text) {
  if (!is_valid_utf8(text)) return refused("the text is not UTF-8");
  net::HttpRequest request = bearer_request("POST", api_url_ + "/2/tweets", access_token);
  request.headers.emplace_back("Content-Type: application/json");
  request.body = nlohmann::json{{"text", text}}.dump();
  const auto data = ask(http_, request, 201, access_token);
  if (!data) return tl::make_unexpected(data.error());
  Post post{net::string_member(*data, "id"), net::string_member(*data, "text")};
  if (!is_id(post.id)) return unreadable("post id");
  return post;
}

XResult<void> XClient::remove(std::string_view access_token, std::string_view id) {
  if (!is_id(id)) return refused("not the id of a post");
  const std::string url = api_url_ + "/2/tweets/" + std::string(id);
  const auto data = ask(http_, bearer_request("DELETE", url, access_token), 200, access_token);
  if (!data) return tl::make_unexpected(data.error());
  return {};
}

}  // namespace pigeon::x
