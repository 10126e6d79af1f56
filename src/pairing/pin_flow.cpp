// Asking X for request and access tokens of OAuth 1.0a; see pin_flow.h.
#include "pairing/pin_flow.h"

#include "x/provider.h"
#include "x/x_times.h"

namespace pigeon::pairing {
namespace {

constexpr milliseconds kClockTolerance = std::chrono::minutes(1);  // X takes five

PinError::Why why_of(oauth::OAuth1Failure failure) {
  switch (failure) {
    case oauth::OAuth1Failure::wrong_verifier:
      return PinError::Why::wrong_pin;
    case oauth::OAuth1Failure::token_dead:
      return PinError::Why::over;
    case oauth::OAuth1Failure::client_rejected:
      return PinError::Why::client_rejected;
    case oauth::OAuth1Failure::unreachable:
      return PinError::Why::unreachable;
    case oauth::OAuth1Failure::malformed:
    case oauth::OAuth1Failure::uncertain:
      break;
  }
  return PinError::Why::unavailable;
}

tl::unexpected<PinError> failed(const oauth::OAuth1Error& error) {
  return tl::make_unexpected(PinError{why_of(error.failure), error.message});
}

// `call` is given the time that is signed. A box without a clock learns X's by the refusal.
template <typename Call>
auto by_their_clock(const x::XClient& x, const Call& call) {
  const UtcTime ours = x.time_at_x();
  auto result = call(ours);
  if (result || result.error().failure != oauth::OAuth1Failure::client_rejected) return result;
  const auto theirs = x::http_date(result.error().date);
  if (!theirs || std::chrono::abs(*theirs - ours) <= kClockTolerance) return result;
  return call(*theirs);
}

PinResult<store::RequestToken> ask_for_token(x::XClient& x, const PairingSettings& settings,
                                             std::string_view callback) {
  const auto token = by_their_clock(
      x, [&](UtcTime now) { return oauth::request_token(x.http(), settings.consumer, callback, now); });
  if (!token) return failed(token.error());
  return store::RequestToken{token->token, token->secret};
}

}  // namespace

PinResult<store::RequestToken> ask_for_pin(x::XClient& x, const PairingSettings& settings) {
  return ask_for_token(x, settings, oauth::kOutOfBand);
}

PinResult<store::RequestToken> ask_for_callback(x::XClient& x, const PairingSettings& settings) {
  return ask_for_token(x, settings, settings.client.redirect_uri);
}

std::string pin_link(const PairingSettings& settings, const store::RequestToken& token) {
  return oauth::authorize_url(settings.consumer, token.token);
}

x::Authoriser signer(const PairingSettings& settings, const std::string& token, const std::string& secret) {
  return {settings.consumer.consumer(), oauth::OAuth1Token{token, secret}};
}

PinResult<store::Credentials> redeem_pin(x::XClient& x, const PairingSettings& settings,
                                         const store::RequestToken& token, std::string_view pin) {
  auto grant = by_their_clock(x, [&](UtcTime now) {
    return oauth::access_token(x.http(), settings.consumer, {token.token, token.secret}, pin, now);
  });
  if (!grant) return failed(grant.error());
  // X names who it is; how far it goes it says with the first request that the token signs.
  const auto user = x.me(signer(settings, grant->token.token, grant->token.secret));
  if (user) {
    grant->user_id = user->id;
    grant->username = user->username;
    if (!user->access_level.empty()) grant->access_level = user->access_level;
  } else if (grant->user_id.empty() || grant->username.empty()) {
    return tl::make_unexpected(PinError{PinError::Why::over, "GET /2/users/me: " + user.error().detail});
  }
  store::Credentials credentials{.access_token = grant->token.token,
                                 .refresh_token = grant->token.secret,
                                 .access_expires_at = store::kNeverExpires,
                                 .scope = grant->access_level,
                                 .x_user_id = grant->user_id,
                                 .username = grant->username,
                                 .consumer_key = settings.consumer.consumer_key};
  if (x::may_write(grant->access_level)) return credentials;
  return tl::make_unexpected(PinError{PinError::Why::read_only,
                                      "X's token has the access level \"" + grant->access_level +
                                          "\" only: give the app \"Read and write\" in X's developer portal",
                                      std::move(credentials)});
}

}  // namespace pigeon::pairing
