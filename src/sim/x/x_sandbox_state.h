// What the sandbox of X remembers, and the parts its files share: x_sandbox.cpp (server, faults),
// x_sandbox_oauth.cpp and x_sandbox_oauth1.cpp (consent, tokens), x_sandbox_app.cpp (the app's token),
// x_sandbox_posts.cpp and x_sandbox_timeline.cpp (API v2). Private to those files.
#pragma once

#include <httplib.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "sim/x/x_sandbox.h"

namespace pigeon::sim {

using Scopes = std::set<std::string, std::less<>>;

struct Consent {  // an authorize request that waits for a press on the consent page
  std::string redirect_uri;
  std::string state;
  std::string challenge;
  Scopes scopes;
};

struct Grant {  // the family of all tokens that descend from one authorization code
  std::string username;
  Scopes scopes;
  bool alive = true;
};

struct AuthorizationCode {
  Consent consent;
  std::string username;
  UtcTime expires{};
  std::optional<std::size_t> grant;  // set once it was exchanged
};

struct AccessToken {
  std::size_t grant = 0;
  UtcTime expires{};
};

struct RefreshToken {
  std::size_t grant = 0;
  bool spent = false;
};

// OAuth 1.0a.
struct RequestToken {
  std::string secret;
  std::string callback;  // "oob": the page shows a PIN
  std::string username;  // who has agreed
  std::string verifier;  // the PIN; empty: nobody has agreed yet
  UtcTime expires{};
};

struct UserToken {
  std::string secret;
  std::string username;
  bool may_write = true;
  bool alive = true;
};

enum class Limited { post, remove, me, timeline };

struct Window {
  UtcTime ends{};
  int used = 0;
};

// Guarded by `mutex` as a whole; every function below that takes it is called with the mutex held.
struct SandboxState {
  // Empty, as of the wall clock.
  explicit SandboxState(XSandboxOptions given) : options(std::move(given)) {}

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  XSandboxOptions options;
  seconds clock_offset{0};
  bool suspended = false;
  std::vector<std::string> grantable;  // empty: all

  std::map<std::string, Consent, std::less<>> consents;
  std::map<std::string, AuthorizationCode, std::less<>> codes;
  std::map<std::string, AccessToken, std::less<>> access_tokens;
  std::map<std::string, RefreshToken, std::less<>> refresh_tokens;
  std::vector<Grant> grants;
  std::string app_token;  // empty: the app has not asked yet

  bool app_may_write = true;  // what OAuth 1.0a tokens are made with
  std::map<std::string, RequestToken, std::less<>> request_tokens;
  std::map<std::string, UserToken, std::less<>> user_tokens;
  std::set<std::string, std::less<>> nonces;  // "<timestamp> <nonce>"

  std::vector<SandboxPost> posts;
  std::unordered_set<std::string> live_texts;  // "<user id> <text>" of the posts that are not deleted
  std::map<std::pair<std::string, Limited>, Window> user_windows;
  Window app_posts;
  milliseconds shown_after{0};  // how old a post is before its writer's timeline has it
  std::uint64_t last_id = 0;

  // The sandbox's clock, which advance() sets forward.
  [[nodiscard]] UtcTime now() const { return utc_now() + clock_offset; }
};

// X's numeric id of a user name; always the same for the same name.
[[nodiscard]] std::string user_id_of(std::string_view username);
// `octets` random octets as base64url.
[[nodiscard]] std::string random_text(std::size_t octets);
// application/x-www-form-urlencoded.
using Form = std::map<std::string, std::string, std::less<>>;
// Nothing when an escape is malformed or a name comes twice (RFC 6749 §3.1).
[[nodiscard]] std::optional<Form> parse_form(std::string_view encoded);
[[nodiscard]] std::string value_of(const Form& form, std::string_view name);  // empty when missing

// With X's content type; replaces an earlier body.
void answer_json(httplib::Response& response, int status, const nlohmann::json& body);
// RFC 9457 in the form X uses: {"title","type","status","detail"} and what `more` adds.
[[nodiscard]] nlohmann::json problem(int status, std::string_view title, std::string_view detail,
                                     std::string_view type = "about:blank");
// `body` is a problem(), whose "status" becomes the answer's.
void answer_problem(httplib::Response& response, const nlohmann::json& body);

// x_sandbox_pages.cpp. The page carries the consent's id in a hidden field that begins so.
inline constexpr std::string_view kConsentField = "name=\"consent\" value=\"";
// x_sandbox_pages.cpp. The page a person agrees on; it carries `id` in a hidden field that begins with
// kConsentField.
[[nodiscard]] std::string consent_page(const XSandboxOptions& options, const Consent& consent,
                                       std::string_view id, std::string_view action = "/i/oauth2/authorize");
// x_sandbox_pages.cpp. The PIN stands in an element that begins so.
inline constexpr std::string_view kPinField = "<output id=\"pin\">";
[[nodiscard]] std::string pin_page(const XSandboxOptions& options, std::string_view pin);
// What X shows for a link or press that it does not accept, instead of sending the browser back.
[[nodiscard]] std::string refusal_page(std::string_view why);

// x_sandbox_oauth.cpp. GET /i/oauth2/authorize.
void show_consent(SandboxState& state, const httplib::Request& request, httplib::Response& response);
// The press on the page's button, which works once: redirects with a code, or with access_denied.
void decide_consent(SandboxState& state, const httplib::Request& request, httplib::Response& response);
// POST /2/oauth2/token for codes and refresh tokens; reuse of a spent one ends its grant.
void issue_token(SandboxState& state, const httplib::Request& request, httplib::Response& response);
// RFC 7009: a refresh token takes its whole grant with it, an access token only itself.
void revoke_token(SandboxState& state, const httplib::Request& request, httplib::Response& response);

// x_sandbox_app.cpp. POST /oauth2/token: the app's own token for consumer key and secret (RFC 6749 §4.4).
void issue_app_token(SandboxState& state, const httplib::Request& request, httplib::Response& response);

struct Caller {
  std::string user_id;
  std::string username;
  const Scopes* scopes = nullptr;  // of a grant in the state
};

// x_sandbox_oauth1.cpp. POST /oauth/request_token, for "oob" or a registered callback.
void issue_request_token(SandboxState& state, const httplib::Request& request, httplib::Response& response);
// GET /oauth/authorize, and the press on its button: a page with a PIN, or the browser sent back.
void show_oauth1_consent(SandboxState& state, const httplib::Request& request, httplib::Response& response);
void decide_oauth1_consent(SandboxState& state, const httplib::Request& request, httplib::Response& response);
// POST /oauth/access_token and POST /1.1/oauth/invalidate_token.json.
void issue_oauth1_token(SandboxState& state, const httplib::Request& request, httplib::Response& response);
void invalidate_oauth1_token(SandboxState& state, const httplib::Request& request,
                             httplib::Response& response);
// Whose token has signed the request; otherwise answers as X does, with code 32, 89, 135 or 215.
[[nodiscard]] std::optional<Caller> signed_caller(SandboxState& state, const httplib::Request& request,
                                                  httplib::Response& response);

// x_sandbox_posts.cpp. Who calls, if the call may go on: a live token, its scopes, the limits, an account in
// good standing. Answers itself otherwise.
[[nodiscard]] std::optional<Caller> admitted_caller(SandboxState& state, Limited what,
                                                    std::initializer_list<std::string_view> scopes,
                                                    const httplib::Request& request,
                                                    httplib::Response& response);
// A 400 in X's words about parameters.
void answer_invalid(httplib::Response& response, const std::string& message);

// x_sandbox_timeline.cpp. GET /2/users/:id/tweets: latest first, as X gives texts back.
void show_timeline(SandboxState& state, const httplib::Request& request, httplib::Response& response);

// x_sandbox_posts.cpp. GET /2/users/me.
void show_me(SandboxState& state, const httplib::Request& request, httplib::Response& response);
// POST /2/tweets; checks length, duplicates, scopes and limits as X does.
void create_post(SandboxState& state, const httplib::Request& request, httplib::Response& response);
// DELETE /2/tweets/:id, one's own only.
void delete_post(SandboxState& state, const httplib::Request& request, httplib::Response& response);

}  // namespace pigeon::sim
