// The OAuth 2.0 side of the sandbox of X: the consent page, authorization codes with PKCE, tokens that
// rotate, revocation. Words and status codes of the errors are X's own where they are known (invalid_request
// where RFC 6749 says invalid_grant).
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <sstream>
#include <stdexcept>

#include "base/text.h"
#include "sim/x/form.h"
#include "sim/x/x_sandbox_state.h"

namespace pigeon::sim {
namespace {

constexpr std::size_t kMaxState = 500;
constexpr std::size_t kChallengeLength = 43;  // base64url of 32 octets, RFC 7636 §4.2
// RFC 3986 §2.3; the first 64 are the alphabet of base64url.
constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

// Every scope that X's documentation lists.
const Scopes kKnownScopes = {"tweet.read",    "tweet.write",   "tweet.moderate.write",
                             "users.read",    "users.email",   "follows.read",
                             "follows.write", "space.read",    "mute.read",
                             "mute.write",    "like.read",     "like.write",
                             "list.read",     "list.write",    "block.read",
                             "block.write",   "bookmark.read", "bookmark.write",
                             "dm.read",       "dm.write",      "media.write",
                             "offline.access"};

struct Refusal {
  int status = 400;
  std::string error;
  std::string description;
};

Refusal missing(std::string_view parameter) {
  return {400, "invalid_request", "Missing required parameter [" + std::string(parameter) + "]."};
}

Refusal invalid(std::string_view what) {
  return {400, "invalid_request", "Value passed for the " + std::string(what) + " was invalid."};
}

void answer_token_error(httplib::Response& response, const Refusal& refusal) {
  answer_json(response, refusal.status,
              {{"error", refusal.error}, {"error_description", refusal.description}});
}

std::string s256(std::string_view verifier) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (EVP_Digest(verifier.data(), verifier.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 is not available");
  }
  return base64url(std::span(digest).first(length));
}

bool only_of(std::string_view text, std::string_view alphabet) {
  return text.find_first_not_of(alphabet) == std::string_view::npos;
}

Scopes split_scopes(std::string_view list) {
  Scopes scopes;
  std::istringstream words{std::string(list)};
  for (std::string word; words >> word;) scopes.insert(word);
  return scopes;
}

std::string join_scopes(const Scopes& scopes) {
  std::string list;
  for (const std::string& scope : scopes) list += (list.empty() ? "" : " ") + scope;
  return list;
}

// What is wrong with an authorize request, in words for the person at the keyboard; empty when nothing is. X
// shows an error page in all these cases and never sends the browser back.
std::string fault_of(const SandboxState& state, const Form& form) {
  const auto& uris = state.options.redirect_uris;
  if (value_of(form, "client_id") != state.options.client_id) return "client_id is not that of the app";
  if (std::ranges::find(uris, value_of(form, "redirect_uri")) == uris.end()) {
    return "redirect_uri is not exactly one of those registered";
  }
  if (value_of(form, "response_type") != "code") return "response_type must be code";
  const std::string given_state = value_of(form, "state");
  if (given_state.empty() || given_state.size() > kMaxState) return "state must have 1 to 500 characters";
  if (value_of(form, "code_challenge_method") != "S256") return "code_challenge_method must be S256";
  const std::string challenge = value_of(form, "code_challenge");
  if (challenge.size() != kChallengeLength || !only_of(challenge, kUnreserved.substr(0, 64))) {
    return "code_challenge must be the base64url of a SHA-256";
  }
  const Scopes scopes = split_scopes(value_of(form, "scope"));
  if (scopes.empty()) return "scope is missing";
  if (!std::ranges::includes(kKnownScopes, scopes)) return "scope names something unknown";
  return {};
}

std::string with_query(const std::string& uri,
                       std::initializer_list<std::pair<std::string_view, std::string>> query) {
  std::string out = uri;
  for (const auto& [name, value] : query) {
    out += out.find('?') == std::string::npos ? '?' : '&';
    out.append(name).append("=").append(percent_encode(value));
  }
  return out;
}

// Whether the client proved who it is; RFC 6749 §2.3.1: id and secret are form-encoded inside Basic.
std::optional<Refusal> client_fault(const XSandboxOptions& options, const httplib::Request& request,
                                    const Form& form) {
  const Refusal not_you{401, "unauthorized_client", "Missing valid authorization header"};
  const std::string header = request.get_header_value("Authorization");
  if (!options.client_secret.empty()) {
    const std::string pair = percent_encode(options.client_id) + ":" + percent_encode(options.client_secret);
    const std::vector<std::uint8_t> octets(pair.begin(), pair.end());
    if (!constant_time_equals(header, "Basic " + base64(octets))) return not_you;
  } else if (!header.empty()) {
    return not_you;
  }
  if (value_of(form, "client_id").empty()) return missing("client_id");
  if (value_of(form, "client_id") != options.client_id) return invalid("client_id");
  return std::nullopt;
}

// The body of a request to the token or revocation endpoint by the right client; answers itself otherwise.
std::optional<Form> authenticated_form(const SandboxState& state, const httplib::Request& request,
                                       httplib::Response& response) {
  response.set_header("Cache-Control", "no-store");
  const std::string type = request.get_header_value("Content-Type");
  std::optional<Form> form = parse_form(request.body);
  if (!form || !type.starts_with("application/x-www-form-urlencoded")) {
    answer_token_error(response,
                       {400, "invalid_request", "Content-Type must be application/x-www-form-urlencoded."});
    return std::nullopt;
  }
  if (const std::optional<Refusal> fault = client_fault(state.options, request, *form)) {
    answer_token_error(response, *fault);
    return std::nullopt;
  }
  return form;
}

// A new access token, and a refresh token where offline.access was granted.
nlohmann::json issue_pair(SandboxState& state, std::size_t grant) {
  const Scopes& scopes = state.grants[grant].scopes;
  const std::string access = random_text(32);
  state.access_tokens[access] = {grant, state.now() + state.options.access_token_life};
  nlohmann::json body = {{"token_type", "bearer"},
                         {"expires_in", state.options.access_token_life.count()},
                         {"access_token", access},
                         {"scope", join_scopes(scopes)}};
  if (scopes.contains("offline.access")) {
    const std::string refresh = random_text(32);
    state.refresh_tokens[refresh] = {grant, false};
    body["refresh_token"] = refresh;
  }
  return body;
}

std::optional<Refusal> code_fault(const AuthorizationCode& code, const Form& form, UtcTime now) {
  if (now >= code.expires) return invalid("authorization code");
  if (value_of(form, "redirect_uri") != code.consent.redirect_uri) {
    return Refusal{400, "invalid_request",
                   "Value passed for the redirect uri did not match the uri of the authorization code."};
  }
  const std::string verifier = value_of(form, "code_verifier");
  const bool well_formed = verifier.size() >= 43 && verifier.size() <= 128 && only_of(verifier, kUnreserved);
  if (!well_formed || s256(verifier) != code.consent.challenge) {
    return Refusal{400, "invalid_request",
                   "Value passed for the code verifier did not match the code challenge."};
  }
  return std::nullopt;
}

void exchange_code(SandboxState& state, const Form& form, httplib::Response& response) {
  for (const std::string_view name : {"code", "redirect_uri", "code_verifier"}) {
    if (value_of(form, name).empty()) return answer_token_error(response, missing(name));
  }
  const auto found = state.codes.find(value_of(form, "code"));
  if (found == state.codes.end()) return answer_token_error(response, invalid("authorization code"));
  AuthorizationCode& code = found->second;
  if (code.grant) {  // used before: whoever holds its tokens loses them (RFC 6749 §4.1.2)
    state.grants[*code.grant].alive = false;
    return answer_token_error(response, invalid("authorization code"));
  }
  if (const std::optional<Refusal> fault = code_fault(code, form, state.now())) {
    state.codes.erase(found);  // one attempt a code, whatever was wrong
    return answer_token_error(response, *fault);
  }
  code.grant = state.grants.size();
  state.grants.push_back({code.username, code.consent.scopes, true});
  answer_json(response, 200, issue_pair(state, *code.grant));
}

void refresh_pair(SandboxState& state, const Form& form, httplib::Response& response) {
  if (value_of(form, "refresh_token").empty()) return answer_token_error(response, missing("refresh_token"));
  const auto found = state.refresh_tokens.find(value_of(form, "refresh_token"));
  if (found == state.refresh_tokens.end()) return answer_token_error(response, invalid("token"));
  RefreshToken& token = found->second;
  const std::size_t grant = token.grant;
  if (token.spent) state.grants[grant].alive = false;  // reuse: the family dies, there is no grace
  if (!state.grants[grant].alive) return answer_token_error(response, invalid("token"));
  token.spent = true;
  answer_json(response, 200, issue_pair(state, grant));
}

}  // namespace

std::string random_text(std::size_t octets) {
  std::vector<std::uint8_t> random(octets);
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
    throw std::runtime_error("no randomness");
  return base64url(random);
}

std::string value_of(const Form& form, std::string_view name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string() : found->second;
}

std::optional<Form> parse_form(std::string_view encoded) {
  Form form;
  while (!encoded.empty()) {
    const std::string_view pair = encoded.substr(0, encoded.find('&'));
    encoded.remove_prefix(std::min(encoded.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = percent_decode(pair.substr(0, equals), true);
    const auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value || !form.emplace(*name, *value).second) return std::nullopt;
  }
  return form;
}

void show_consent(SandboxState& state, const httplib::Request& request, httplib::Response& response) {
  const std::size_t mark = request.target.find('?');
  const auto form =
      parse_form(mark == std::string::npos ? "" : std::string_view(request.target).substr(mark + 1));
  const std::string fault = form ? fault_of(state, *form) : "a parameter is malformed or comes twice";
  response.set_header("Cache-Control", "no-store");
  response.set_header(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'");
  if (!fault.empty()) {
    response.status = 400;
    response.set_content(refusal_page(fault), "text/html; charset=utf-8");
    return;
  }
  const Consent consent{value_of(*form, "redirect_uri"), value_of(*form, "state"),
                        value_of(*form, "code_challenge"), split_scopes(value_of(*form, "scope"))};
  const std::string id = random_text(16);
  state.consents[id] = consent;
  response.set_content(consent_page(state.options, consent, id), "text/html; charset=utf-8");
}

void decide_consent(SandboxState& state, const httplib::Request& request, httplib::Response& response) {
  const std::optional<Form> form = parse_form(request.body);
  const auto waiting = form ? state.consents.find(value_of(*form, "consent")) : state.consents.end();
  if (waiting == state.consents.end()) {
    response.status = 400;
    response.set_content(refusal_page("this page was used already; open the link again"),
                         "text/html; charset=utf-8");
    return;
  }
  Consent consent = std::move(waiting->second);
  state.consents.erase(waiting);
  response.set_header("Cache-Control", "no-store");
  if (value_of(*form, "decision") != "authorize") {
    response.set_redirect(
        with_query(consent.redirect_uri, {{"error", "access_denied"}, {"state", consent.state}}), 302);
    return;
  }
  if (!state.grantable.empty()) {
    std::erase_if(consent.scopes, [&](const std::string& scope) {
      return std::ranges::find(state.grantable, scope) == state.grantable.end();
    });
  }
  const auto& others = state.options.other_usernames;
  const std::string chosen = value_of(*form, "user");
  const bool offered = std::ranges::find(others, chosen) != others.end();
  const std::string code = random_text(32);
  const std::string where = with_query(consent.redirect_uri, {{"state", consent.state}, {"code", code}});
  state.codes[code] = {std::move(consent), offered ? chosen : state.options.username,
                       state.now() + state.options.code_life, std::nullopt};
  response.set_redirect(where, 302);
}

void issue_token(SandboxState& state, const httplib::Request& request, httplib::Response& response) {
  const std::optional<Form> form = authenticated_form(state, request, response);
  if (!form) return;
  const std::string grant_type = value_of(*form, "grant_type");
  if (grant_type.empty()) return answer_token_error(response, missing("grant_type"));
  if (grant_type == "authorization_code") return exchange_code(state, *form, response);
  if (grant_type == "refresh_token") return refresh_pair(state, *form, response);
  answer_token_error(response, {400, "unsupported_grant_type", "The grant type is not supported."});
}

// RFC 7009: unknown tokens are no error. A refresh token takes its whole family with it, an access token only
// itself.
void revoke_token(SandboxState& state, const httplib::Request& request, httplib::Response& response) {
  const std::optional<Form> form = authenticated_form(state, request, response);
  if (!form) return;
  const std::string token = value_of(*form, "token");
  if (token.empty()) return answer_token_error(response, missing("token"));
  if (const auto found = state.refresh_tokens.find(token); found != state.refresh_tokens.end()) {
    state.grants[found->second.grant].alive = false;
  }
  if (const auto found = state.access_tokens.find(token); found != state.access_tokens.end()) {
    state.access_tokens.erase(found);
  }
  answer_json(response, 200, {{"revoked", true}});
}

}  // namespace pigeon::sim
