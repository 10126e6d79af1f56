// The OAuth 1.0a side of the sandbox of X (RFC 5849): request tokens, the page that ends with a PIN or sends
// the browser back, access tokens, and the signature of every request that bears one. Reads and signs by
// itself: what the gateway's code takes for a signature must not be what judges it.
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "base/text.h"
#include "sim/x/form.h"
#include "sim/x/x_sandbox_state.h"

namespace pigeon::sim {
namespace {

constexpr std::string_view kScheme = "OAuth ";
constexpr std::chrono::minutes kClockTolerance{5};
const Scopes kReading = {"tweet.read", "users.read"};
const Scopes kWriting = {"tweet.read", "users.read", "tweet.write", "media.write"};

using Pairs = std::vector<std::pair<std::string, std::string>>;

void answer_code(httplib::Response& response, int code, std::string_view message) {
  answer_json(response, 401, {{"errors", {{{"code", code}, {"message", message}}}}});
}

// What stands behind "OAuth " (RFC 5849 §3.5.1); nothing when it is no such list.
std::optional<Form> read_header(std::string_view header) {
  if (!header.starts_with(kScheme)) return std::nullopt;
  header.remove_prefix(kScheme.size());
  Form form;
  while (!header.empty()) {
    const std::string_view pair = trim(header.substr(0, header.find(',')));
    header.remove_prefix(std::min(
        header.size(), header.find(',') == std::string_view::npos ? header.size() : header.find(',') + 1));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.size() < equals + 3 || pair[equals + 1] != '"' ||
        pair.back() != '"')
      return std::nullopt;
    const auto name = percent_decode(pair.substr(0, equals));
    const auto value = percent_decode(pair.substr(equals + 2, pair.size() - equals - 3));
    if (!name || !value || !form.emplace(*name, *value).second) return std::nullopt;
  }
  return form;
}

void add_form(Pairs& pairs, std::string_view encoded) {
  while (!encoded.empty()) {
    const std::string_view pair = encoded.substr(0, encoded.find('&'));
    encoded.remove_prefix(std::min(encoded.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = percent_decode(pair.substr(0, equals), true);
    const auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (name && value) pairs.emplace_back(percent_encode(*name), percent_encode(*value));
  }
}

std::string hmac_sha1(const std::string& key, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  std::size_t size = 0;
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA1", nullptr, key.data(), key.size(),
                reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(), code.size(),
                &size) == nullptr)
    throw std::runtime_error("HMAC-SHA1 is not available");
  return base64(std::span(code).first(size));
}

std::string expected_signature(const httplib::Request& request, const Form& header,
                               const std::string& consumer_secret, const std::string& token_secret) {
  Pairs pairs;
  for (const auto& [name, value] : header) {
    if (name != "oauth_signature" && name != "realm")
      pairs.emplace_back(percent_encode(name), percent_encode(value));
  }
  const std::size_t mark = std::min(request.target.find('?'), request.target.size());
  add_form(pairs, std::string_view(request.target).substr(std::min(mark + 1, request.target.size())));
  if (request.get_header_value("Content-Type").starts_with("application/x-www-form-urlencoded"))
    add_form(pairs, request.body);
  std::ranges::sort(pairs);
  std::string list;
  for (const auto& [name, value] : pairs) {
    if (!list.empty()) list += '&';
    list.append(name).append("=").append(value);
  }
  const std::string url =
      "http://" + ascii_lower(request.get_header_value("Host")) + request.target.substr(0, mark);
  return hmac_sha1(percent_encode(consumer_secret) + "&" + percent_encode(token_secret),
                   request.method + "&" + percent_encode(url) + "&" + percent_encode(list));
}

// Key, signature, clock and nonce (§3.2); answers itself when one of them is wrong.
bool is_signed(SandboxState& state, const httplib::Request& request, const Form& header,
               const std::string& token_secret, httplib::Response& response) {
  const XSandboxOptions& options = state.options;
  const std::string time = value_of(header, "oauth_timestamp");
  long long at = 0;
  const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), at);
  const bool well_formed = error == std::errc() && end == time.data() + time.size() &&
                           value_of(header, "oauth_signature_method") == "HMAC-SHA1" &&
                           !value_of(header, "oauth_nonce").empty();
  if (!well_formed) {
    answer_code(response, 215, "Bad Authentication data.");
    return false;
  }
  const bool is_ours =
      !options.consumer_key.empty() && value_of(header, "oauth_consumer_key") == options.consumer_key &&
      constant_time_equals(value_of(header, "oauth_signature"),
                           expected_signature(request, header, options.consumer_secret, token_secret));
  if (!is_ours) {
    answer_code(response, 32, "Could not authenticate you.");
    return false;
  }
  if (std::chrono::abs(state.now() - UtcTime(seconds(at))) > kClockTolerance) {
    answer_code(response, 135, "Timestamp out of bounds.");
    return false;
  }
  if (!state.nonces.insert(time + " " + value_of(header, "oauth_nonce")).second) {
    answer_code(response, 32, "Could not authenticate you.");
    return false;
  }
  return true;
}

std::string random_pin() {
  std::uint32_t number = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) != 1)
    throw std::runtime_error("no randomness");
  return std::to_string(1'000'000 + number % 9'000'000);
}

std::string form_of(const Pairs& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs)
    out += (out.empty() ? "" : "&") + name + "=" + percent_encode(value);
  return out;
}

void answer_form(httplib::Response& response, const Pairs& pairs) {
  response.set_content(form_of(pairs), "text/html;charset=utf-8");  // as X names it
}

// The account's token, which X keeps: who agrees again is given the same one, as it is.
std::string token_for(SandboxState& state, const std::string& username) {
  for (const auto& [token, known] : state.user_tokens) {
    if (known.username == username && known.alive) return token;
  }
  std::string token = user_id_of(username) + "-" + random_text(30);
  state.user_tokens[token] = {random_text(33), username, state.app_may_write, true};
  return token;
}

std::string level_of(const UserToken& token) {
  return token.may_write ? "read-write" : "read";
}

}  // namespace

void issue_request_token(SandboxState& state, const httplib::Request& request, httplib::Response& response) {
  const auto header = read_header(request.get_header_value("Authorization"));
  if (!header) return answer_code(response, 215, "Bad Authentication data.");
  if (!is_signed(state, request, *header, "", response)) return;
  const std::string callback = value_of(*header, "oauth_callback");
  const auto& uris = state.options.redirect_uris;
  if (callback != "oob" && std::ranges::find(uris, callback) == uris.end())
    return answer_json(
        response, 403,
        {{"errors",
          {{{"code", 415},
            {"message",
             "Callback URL not approved for this client application. Approved callback URLs can be "
             "adjusted in your application settings"}}}}});
  const std::string token = random_text(20);
  const std::string secret = random_text(24);
  state.request_tokens[token] = {secret, callback, "", "", state.now() + state.options.request_token_life};
  answer_form(response,
              {{"oauth_token", token}, {"oauth_token_secret", secret}, {"oauth_callback_confirmed", "true"}});
}

void show_oauth1_consent(SandboxState& state, const httplib::Request& request, httplib::Response& response) {
  const std::size_t mark = std::min(request.target.find('?'), request.target.size());
  const auto form =
      parse_form(std::string_view(request.target).substr(std::min(mark + 1, request.target.size())));
  const std::string token = form ? value_of(*form, "oauth_token") : "";
  const auto found = state.request_tokens.find(token);
  response.set_header("Cache-Control", "no-store");
  if (found == state.request_tokens.end() || state.now() >= found->second.expires) {
    response.status = 403;
    response.set_content(refusal_page("there is no request token for this page"), "text/html; charset=utf-8");
    return;
  }
  Consent consent;
  consent.scopes = state.app_may_write ? kWriting : kReading;
  response.set_content(consent_page(state.options, consent, token, "/oauth/authorize"),
                       "text/html; charset=utf-8");
}

void decide_oauth1_consent(SandboxState& state, const httplib::Request& request,
                           httplib::Response& response) {
  const std::optional<Form> form = parse_form(request.body);
  const auto waiting =
      form ? state.request_tokens.find(value_of(*form, "consent")) : state.request_tokens.end();
  response.set_header("Cache-Control", "no-store");
  if (waiting == state.request_tokens.end() || !waiting->second.verifier.empty()) {
    response.status = 403;
    response.set_content(refusal_page("this page was used already; open the link again"),
                         "text/html; charset=utf-8");
    return;
  }
  RequestToken& token = waiting->second;
  const bool by_pin = token.callback == "oob";
  const std::string id = waiting->first;
  if (value_of(*form, "decision") != "authorize") {
    const std::string callback = token.callback;
    state.request_tokens.erase(waiting);
    if (by_pin)
      response.set_content(refusal_page("the person said no"), "text/html; charset=utf-8");
    else
      response.set_redirect(
          callback + (callback.find('?') == std::string::npos ? "?" : "&") + form_of({{"denied", id}}), 302);
    return;
  }
  const auto& others = state.options.other_usernames;
  const std::string chosen = value_of(*form, "user");
  token.username = std::ranges::find(others, chosen) != others.end() ? chosen : state.options.username;
  token.verifier = by_pin ? random_pin() : random_text(24);
  if (by_pin)
    response.set_content(pin_page(state.options, token.verifier), "text/html; charset=utf-8");
  else
    response.set_redirect(token.callback + (token.callback.find('?') == std::string::npos ? "?" : "&") +
                              form_of({{"oauth_token", id}, {"oauth_verifier", token.verifier}}),
                          302);
}

void issue_oauth1_token(SandboxState& state, const httplib::Request& request, httplib::Response& response) {
  const auto header = read_header(request.get_header_value("Authorization"));
  if (!header) return answer_code(response, 215, "Bad Authentication data.");
  const auto found = state.request_tokens.find(value_of(*header, "oauth_token"));
  if (found == state.request_tokens.end() || state.now() >= found->second.expires)
    return answer_code(response, 89, "Invalid or expired token.");
  const RequestToken& asked = found->second;
  if (!is_signed(state, request, *header, asked.secret, response)) return;
  const std::string verifier = value_of(*header, "oauth_verifier");
  if (asked.verifier.empty() || !constant_time_equals(verifier, asked.verifier)) {
    response.status = 401;
    response.set_content("Error processing your OAuth request: Invalid oauth_verifier parameter",
                         "text/html;charset=utf-8");
    return;
  }
  const std::string username = asked.username;
  state.request_tokens.erase(found);
  const std::string token = token_for(state, username);
  const UserToken& given = state.user_tokens.at(token);
  response.set_header("x-access-level", level_of(given));
  answer_form(response, {{"oauth_token", token},
                         {"oauth_token_secret", given.secret},
                         {"user_id", user_id_of(username)},
                         {"screen_name", username}});
}

std::optional<Caller> signed_caller(SandboxState& state, const httplib::Request& request,
                                    httplib::Response& response) {
  const auto header = read_header(request.get_header_value("Authorization"));
  if (!header) {
    answer_code(response, 215, "Bad Authentication data.");
    return std::nullopt;
  }
  const auto token = state.user_tokens.find(value_of(*header, "oauth_token"));
  const bool alive = token != state.user_tokens.end() && token->second.alive;
  if (!alive) {
    answer_code(response, 89, "Invalid or expired token.");
    return std::nullopt;
  }
  if (!is_signed(state, request, *header, token->second.secret, response)) return std::nullopt;
  response.set_header("x-access-level", level_of(token->second));
  return Caller{user_id_of(token->second.username), token->second.username,
                token->second.may_write ? &kWriting : &kReading};
}

void invalidate_oauth1_token(SandboxState& state, const httplib::Request& request,
                             httplib::Response& response) {
  if (!signed_caller(state, request, response)) return;
  const auto header = read_header(request.get_header_value("Authorization"));
  const std::string token = value_of(*header, "oauth_token");
  state.user_tokens.at(token).alive = false;
  answer_json(response, 200, {{"access_token", token}});
}

}  // namespace pigeon::sim
