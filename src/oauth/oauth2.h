// OAuth 2.0 authorization code grant with PKCE (RFC 6749, RFC 7636 S256), refresh and revocation (RFC 7009)
// with any authorization server. No state of its own: who may call when is the caller's matter. The implicit
// and the password grant are not here, nor is PKCE's `plain` (docs/security.md says why).
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "net/http_client.h"
#include "oauth/provider.h"
#include "oauth/token_endpoint.h"

namespace pigeon::oauth {

// RFC 7636 §4.1: 43 unreserved characters from 32 random octets.
[[nodiscard]] std::string make_verifier();
// RFC 7636 §4.2: base64url(SHA-256(verifier)).
[[nodiscard]] std::string challenge_s256(std::string_view verifier);

// Where to send the browser (RFC 6749 §4.1.1); `state` comes back with it and ties the answer to the request.
[[nodiscard]] std::string authorize_url(const OAuth2Client& client, std::string_view state,
                                        std::string_view challenge);
// Whether `issuer`, which the server sent with the browser (RFC 9207 §2.4), is this provider: its issuer
// where that is known, character by character, else an address of where it sends people or where it takes
// codes.
[[nodiscard]] bool is_issuer(const Provider& provider, std::string_view issuer);
// One code for one pair of tokens (§4.1.3). Blocks for as long as `http` lets a request take; never repeated.
// `verifier` has 43 to 128 unreserved characters; with another nothing is sent (malformed).
[[nodiscard]] TokenResult<Tokens> exchange_code(net::HttpClient& http, const OAuth2Client& client,
                                                std::string_view code, std::string_view verifier);
// A new pair for the old refresh token (§6), which many servers spend by it: commit that it is under way
// before, and the new pair before using it. Where tokens stay, the old one is the new one's unless another
// came.
[[nodiscard]] TokenResult<Tokens> refresh(net::HttpClient& http, const OAuth2Client& client,
                                          std::string_view refresh_token);
// Succeeds for unknown tokens too (RFC 7009 §2.2). Errc::denied: the client is refused; else retryable.
[[nodiscard]] Result<void> revoke(net::HttpClient& http, const OAuth2Client& client, std::string_view token);

// When an access token that came at `now` ends; in a hundred years if only a refusal tells.
[[nodiscard]] UtcTime expires_at(const Tokens& tokens, UtcTime now);

}  // namespace pigeon::oauth
