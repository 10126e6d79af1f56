// What differs between authorization servers, as data: where they are, how a client proves who it is, and
// where they leave RFC 6749. Everything else in this room is the same for all of them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/shared_secret.h"

namespace pigeon::oauth {

// How a client with a secret proves who it is (RFC 6749 §2.3.1). One without a secret only names itself.
enum class ClientAuthentication {
  basic,           // HTTP Basic; the id is in the body as well, which some servers want
  basic_alone,     // HTTP Basic and nothing of it in the body
  secret_in_body,  // client_id and client_secret in the body
};

// What a grant's refresh token does (RFC 6749 §6).
enum class RefreshTokens {
  rotate,  // each refresh spends it and brings the next; an answer without one is malformed
  stay,    // it is good until revoked; an answer may bring another one or none
  none,    // there is none, or a grant may do without
};

// One authorization server. The endpoints are whole URLs; empty: it has none, and nobody may ask it for that.
struct Provider {
  std::string authorize_url;
  std::string token_url;
  std::string revoke_url;
  std::string device_url;  // RFC 8628 §3.1
  std::string issuer;      // RFC 9207: exactly what it sends as `iss`; empty: it has none that is known
  std::string scope;       // asked for, separated by spaces (RFC 6749 §3.3); empty: the server's own choice
  ClientAuthentication authentication = ClientAuthentication::basic;
  RefreshTokens refresh_tokens = RefreshTokens::rotate;
  // How long an access token lives whose answer has no expires_in; nothing: until it is refused.
  std::optional<std::chrono::seconds> usual_life{};
  // How the server's error_description begins when it says `invalid_request` of a code or token that is dead.
  std::vector<std::string_view> dead_grant_words{};
};

// One client that is registered there.
struct OAuth2Client {
  Provider provider;
  std::string client_id;
  SharedSecret client_secret;  // empty: public client
  std::string redirect_uri;    // exactly as registered; empty where no browser comes back
};

}  // namespace pigeon::oauth
