// The states of a device authorization; see device_grant.h.
#include "oauth/device_grant.h"

#include <algorithm>
#include <utility>

#include "base/origin.h"
#include "net/json.h"

namespace pigeon::oauth {
namespace {

constexpr std::string_view kGrantType = "urn:ietf:params:oauth:grant-type:device_code";
constexpr long long kUsualInterval = 5;                            // §3.2
constexpr long long kLongestInterval = 300, kLongestLife = 86400;  // of what a server may ask us to keep
constexpr seconds kSlowDown{5};                                    // §3.5
constexpr std::size_t kLongestUserCode = 64, kLongestUri = 2048;

// What a person can read and type: printable ASCII.
bool is_user_code(std::string_view code) {
  return !code.empty() && code.size() <= kLongestUserCode &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= ' ' && c < '\x7F'; });
}

bool is_uri(std::string_view uri) {
  return uri.size() <= kLongestUri && is_token(uri) && !origin_of(uri).empty();
}

}  // namespace

TokenResult<DeviceGrant> DeviceGrant::begin(net::HttpClient& http, const OAuth2Client& client,
                                            SteadyTime now) {
  const auto response =
      post_form(http, client, client.provider.device_url, {{"scope", client.provider.scope}}, {});
  if (!response) return tl::make_unexpected(response.error());
  if (response->status != 200) return tl::make_unexpected(read_error(client, *response, {}));
  const auto body = net::parse_json_object(response->body);
  if (!body) return tl::make_unexpected(malformed("the answer is not a JSON object"));
  DeviceGrant grant(client);
  grant.device_code_ = net::string_member(*body, "device_code");
  grant.user_code_ = net::string_member(*body, "user_code");
  grant.verification_uri_ = net::string_member(*body, "verification_uri");
  grant.verification_uri_complete_ = net::string_member(*body, "verification_uri_complete");
  const auto life = net::integer_member(*body, "expires_in");
  const auto interval = net::integer_member(*body, "interval");
  const bool is_whole = is_token(grant.device_code_) && is_user_code(grant.user_code_) &&
                        is_uri(grant.verification_uri_) && life && *life > 0;
  if (!is_whole) return tl::make_unexpected(malformed("the answer is no device authorization"));
  if (!is_uri(grant.verification_uri_complete_)) grant.verification_uri_complete_.clear();
  grant.ends_ = now + seconds(std::min(*life, kLongestLife));
  grant.interval_ = seconds(std::clamp(interval.value_or(kUsualInterval), 1LL, kLongestInterval));
  grant.next_poll_ = now + grant.interval_;
  return grant;
}

DeviceGrant::State DeviceGrant::poll(net::HttpClient& http, SteadyTime now) {
  if (state_ != State::pending) return state_;
  if (now >= ends_) return state_ = State::expired;
  if (now < next_poll_) return state_;
  auto tokens = ask_for_tokens(http, client_, {{"grant_type", kGrantType}, {"device_code", device_code_}},
                               {device_code_}, client_.provider.refresh_tokens);
  if (!tokens) return state_ = judge(tokens.error(), now);
  tokens_ = std::move(*tokens);
  return state_ = State::granted;
}

// §3.5. An answer that was lost is no end: had it been the tokens, the next poll hears `invalid_grant`.
DeviceGrant::State DeviceGrant::judge(const TokenError& error, SteadyTime now) {
  error_ = error;
  if (error.code == "slow_down") interval_ += kSlowDown;
  const bool is_silent =
      error.failure == TokenFailure::unreachable || error.failure == TokenFailure::uncertain;
  if (is_silent) interval_ = std::min(interval_ * 2, seconds(kLongestInterval));
  if (is_silent || error.code == "slow_down" || error.code == "authorization_pending") {
    next_poll_ = now + std::max(interval_, error.retry_after.value_or(seconds(0)));
    return State::pending;
  }
  if (error.code == "access_denied") return State::refused;
  if (error.code == "expired_token") return State::expired;
  return State::failed;
}

}  // namespace pigeon::oauth
