// OAuth 1.0a (RFC 5849) with any server: temporary credentials, where to send the person, the token for what
// the person brings back. No state of its own. A token does not expire; it dies when the person or the
// operator ends it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/shared_secret.h"
#include "net/http_client.h"
#include "oauth/oauth1_signature.h"

namespace pigeon::oauth {

// One registered consumer at one server. The endpoints are whole URLs.
struct OAuth1Client {
  std::string consumer_key;  // empty: there is none
  SharedSecret consumer_secret;
  std::string request_token_url;
  std::string authorize_url;
  std::string access_token_url;
  std::string invalidate_url;  // ends a token; not in the RFC

  [[nodiscard]] Consumer consumer() const { return {consumer_key, consumer_secret.get()}; }
};

// With a fresh nonce: 24 letters and digits, which servers take that are choosy about them.
[[nodiscard]] Stamp make_stamp(UtcTime now);

// "Out of band" (§2.1): the server shows the person a PIN.
inline constexpr std::string_view kOutOfBand = "oob";

// What the access token came with.
struct OAuth1Grant {
  OAuth1Token token;
  std::string user_id;       // X's; empty: not said
  std::string username;      // X's screen_name; empty: not said
  std::string access_level;  // X's x-access-level: "read", "read-write", …; empty: not said
};

enum class OAuth1Failure {
  wrong_verifier,   // the PIN is not this token's; the token may still be good
  token_dead,       // the server knows this token no more
  client_rejected,  // consumer key or secret, signature or clock: the operator's trouble
  malformed,        // answered, but not with what §2.1 and §2.3 ask for
  uncertain,        // sent, and no answer (or 5xx): it may have been carried out
  unreachable,      // certainly not carried out (no connection, or 429)
};
struct OAuth1Error {
  OAuth1Failure failure = OAuth1Failure::uncertain;
  std::string message;  // for the operator's log, never a secret
  std::string date{};   // the server's Date header, which tells whether our clock was the trouble
};
template <typename T>
using OAuth1Result = tl::expected<T, OAuth1Error>;

// Temporary credentials (§2.1); `callback` is kOutOfBand or a whole URL. An answer that does not confirm the
// callback is malformed. `now` by the server's clock, here and below. Blocks for as long as `http` allows.
[[nodiscard]] OAuth1Result<OAuth1Token> request_token(net::HttpClient& http, const OAuth1Client& client,
                                                      std::string_view callback, UtcTime now);
// Where the person says yes or no (§2.2).
[[nodiscard]] std::string authorize_url(const OAuth1Client& client, std::string_view request_token);
// The token (§2.3) for the temporary credentials and the `verifier` that the person brought back.
[[nodiscard]] OAuth1Result<OAuth1Grant> access_token(net::HttpClient& http, const OAuth1Client& client,
                                                     const OAuth1Token& request_token,
                                                     std::string_view verifier, UtcTime now);
// Ends a token. One that is dead already is none to end; otherwise an error says whether later may help.
[[nodiscard]] OAuth1Result<void> invalidate(net::HttpClient& http, const OAuth1Client& client,
                                            const OAuth1Token& token, UtcTime now);

}  // namespace pigeon::oauth
