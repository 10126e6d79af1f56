// The routes of the web server; see handlers.h.
#include "web/handlers.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/crypto.h"
#include "base/log.h"
#include "base/origin.h"
#include "base/text.h"
#include "web/client_of.h"

namespace pigeon::web {
namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kPlace = "/pairing";
constexpr std::size_t kMaxCode = 64;

// Browsers hold every redirect of a submitted form against form-action, so X's addresses stand there beside
// ours: the button's POST is answered with a redirect to X, which may move people between its own hosts.
std::string form_targets(const std::string& authorize_url) {
  const std::string origin = origin_of(authorize_url);
  std::string targets = "'self'" + (origin.empty() ? "" : " " + origin);
  if (origin == "https://x.com" || origin == "https://api.x.com" || origin == "https://twitter.com") {
    targets += " https://x.com https://*.x.com https://twitter.com https://*.twitter.com";
  }
  return targets;
}

std::string content_security_policy(const std::string& authorize_url) {
  return "default-src 'none'; style-src 'sha256-" + base64(sha256(pages::style())) + "'; form-action " +
         form_targets(authorize_url) + "; frame-ancestors 'none'; base-uri 'none'";
}

// The value of one cookie of the request (RFC 6265 §5.4); empty: not there.
std::string cookie_of(const httplib::Request& request, std::string_view name) {
  const auto [begin, end] = request.headers.equal_range("Cookie");
  for (auto header = begin; header != end; ++header) {
    std::string_view rest = header->second;
    while (!rest.empty()) {
      const std::size_t semicolon = rest.find(';');
      const std::string_view pair = trim(rest.substr(0, semicolon));
      rest.remove_prefix(semicolon == std::string_view::npos ? rest.size() : semicolon + 1);
      if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) {
        return std::string(pair.substr(name.size() + 1));
      }
    }
  }
  return {};
}

// The code in "/auth/<code>" as it was made, however it was typed; empty when it cannot be one.
std::string code_of(const std::string& path) {
  const std::string code = ascii_lower(std::string_view(path).substr(std::string_view("/auth/").size()));
  const bool plain = std::all_of(code.begin(), code.end(),
                                 [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
  return plain && code.size() <= kMaxCode ? code : std::string();
}

// What the pages have no use for and the library would spend memory on, up to 0.11 at least: a page cut into
// hundreds of ranges, and brotli's encoder, which takes megabytes for a page of four kilobytes.
void drop_costly_wishes(const httplib::Request& request) {
  // The library shows its own request, which is no constant.
  auto& its_own = const_cast<httplib::Request&>(request);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  its_own.ranges.clear();
  its_own.headers.erase("Accept-Encoding");
}

// Whether the body is known to be longer than `most`; of a chunked one the front knows.
bool is_too_long(const httplib::Request& request, std::size_t most) {
  const std::string length = request.get_header_value("Content-Length");
  std::size_t octets = 0;
  const char* const end = length.data() + length.size();
  const auto [rest, error] = std::from_chars(length.data(), end, octets);
  return error == std::errc::result_out_of_range || (error == std::errc() && octets > most);
}

// OAuth 1.0a has other words for them, and X tells who said no by `denied`.
pairing::Callback callback_of(const httplib::Request& request, bool is_signed) {
  if (!is_signed) {
    return {.state = request.get_param_value("state"),
            .code = request.get_param_value("code"),
            .error = request.get_param_value("error"),
            .iss = request.get_param_value("iss")};
  }
  if (request.has_param("denied"))
    return {.state = request.get_param_value("denied"), .code = {}, .error = "access_denied", .iss = {}};
  return {.state = request.get_param_value("oauth_token"),
          .code = request.get_param_value("oauth_verifier"),
          .error = {},
          .iss = {}};
}

struct Ended {
  pages::Notice notice;
  int status;
};

// The page of an ending that has no place.
Ended ended(pairing::Ending ending) {
  using pages::Notice;
  switch (ending) {
    case pairing::Ending::busy:
      return {Notice::busy, 503};
    case pairing::Ending::cancelled:
      return {Notice::cancelled, 200};
    case pairing::Ending::no_permission:
      return {Notice::no_permission, 403};
    case pairing::Ending::refused:
      return {Notice::refused, 400};
    case pairing::Ending::misconfigured:
      return {Notice::misconfigured, 502};
    case pairing::Ending::suspended:
      return {Notice::suspended, 403};
    case pairing::Ending::unreachable:
      return {Notice::unreachable, 503};
    case pairing::Ending::unclear:
      return {Notice::unclear, 502};
    case pairing::Ending::at_its_place:
    case pairing::Ending::not_this_browser:
      break;
  }
  return {Notice::broken, 500};
}

// What a browser is told of its own pairing that has failed.
pages::Notice notice_of(std::optional<store::PairingFailure> failure) {
  switch (failure.value_or(store::PairingFailure::error)) {
    case store::PairingFailure::cancelled:
      return pages::Notice::cancelled;
    case store::PairingFailure::expired:
    case store::PairingFailure::wrong_code:
    case store::PairingFailure::other_phone:
      return pages::Notice::code_gone;
    case store::PairingFailure::read_only:
      return pages::Notice::no_permission;
    case store::PairingFailure::error:
      break;
  }
  return pages::Notice::not_linked;
}

}  // namespace

struct Handlers::Route {
  std::string_view path;
  bool has_code;  // `path` is what stands before it
  Method get;
  Method post;  // nullptr: not allowed
  bool head;    // whether GET changes nothing, so that HEAD may stand for it
  const char* allow;
};

const Handlers::Route* Handlers::route_of(std::string_view path) {
  static constexpr std::array<Route, 7> kRoutes{{
      {"/", false, &Handlers::home, nullptr, true, "GET, HEAD"},
      {"/auth", false, &Handlers::how_to_link, nullptr, true, "GET, HEAD"},
      {"/auth/", false, &Handlers::how_to_link, nullptr, true, "GET, HEAD"},
      {"/auth/", true, &Handlers::offer, &Handlers::start, true, "GET, HEAD, POST"},
      {"/oauth/callback", false, &Handlers::callback, nullptr, false, "GET"},
      {kPlace, false, &Handlers::place, nullptr, true, "GET, HEAD"},
      {"/healthz", false, &Handlers::health, nullptr, true, "GET, HEAD"},
  }};
  const auto fits = [path](const Route& route) {
    return route.has_code ? path.size() > route.path.size() && path.starts_with(route.path)
                          : path == route.path;
  };
  const auto* const route = std::find_if(kRoutes.begin(), kRoutes.end(), fits);
  return route == kRoutes.end() ? nullptr : route;
}

Handlers::Handlers(HandlerOptions options, pairing::PairingFlow& pairing, store::Store& store)
    : options_(std::move(options)),
      origin_(origin_of(options_.public_url)),
      secure_(origin_.starts_with("https://")),
      pairing_(pairing),
      store_(store) {}

httplib::Headers Handlers::headers() const {
  httplib::Headers headers{
      {"Content-Security-Policy", content_security_policy(options_.authorize_url)},
      // Not "no-referrer": under it browsers send "Origin: null" with our own form (Fetch, "append a request
      // Origin"). The addresses of pages hold one-time codes; X and everybody else still learn none of them.
      {"Referrer-Policy", "same-origin"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Robots-Tag", "noindex"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cache-Control", "no-store"},
  };
  if (secure_) headers.emplace("Strict-Transport-Security", "max-age=31536000");
  return headers;
}

void Handlers::handle(const httplib::Request& request, httplib::Response& response) {
  drop_costly_wishes(request);
  try {
    dispatch(request, response);
  } catch (const std::exception& error) {  // the store's, or a bug; this thread goes on
    failed(response, error.what());
  }
}

void Handlers::dispatch(const httplib::Request& request, httplib::Response& response) {
  const Route* const route = route_of(request.path);
  const bool is_health = route != nullptr && route->get == &Handlers::health;
  if (!(is_health ? budgets_.health : budgets_.requests).take(client(request), steady_now())) {
    return notice(response, 429, pages::Notice::too_many);
  }
  if (is_too_long(request, options_.max_body)) return notice(response, 413, pages::Notice::wrong_method);
  if (route == nullptr) return notice(response, 404, pages::Notice::not_found);
  const bool reads = request.method == "GET" || (request.method == "HEAD" && route->head);
  if (reads) return (this->*route->get)(request, response);
  if (request.method == "POST" && route->post != nullptr) return (this->*route->post)(request, response);
  response.set_header("Allow", route->allow);
  notice(response, 405, pages::Notice::wrong_method);
}

void Handlers::home(const httplib::Request&, httplib::Response& response) {
  response.set_content(pages::home(options_.gateway_number), kHtml.data());
}

// Whatever the query says: a number in an address proves nothing about who holds the phone.
void Handlers::how_to_link(const httplib::Request&, httplib::Response& response) {
  response.set_content(pages::how_to_link(options_.gateway_number), kHtml.data());
}

void Handlers::offer(const httplib::Request& request, httplib::Response& response) {
  const UtcTime now = pairing_.now();
  const auto pairing = pairing_.find(code_of(request.path), now);
  if (!pairing) return unknown(request, response, 404, pages::Notice::link_gone);
  const pages::Offer offer{
      .phone = pairing->phone, .left = pairing->expires_at - now, .text_back = options_.text_back};
  response.set_content(pages::offer(offer, options_.gateway_number), kHtml.data());
}

void Handlers::start(const httplib::Request& request, httplib::Response& response) {
  if (!is_own_form(request)) return notice(response, 403, pages::Notice::foreign_form);
  const UtcTime now = pairing_.now();
  const std::string code = code_of(request.path);
  const auto pairing = pairing_.find(code, now);
  if (!pairing) return unknown(request, response, 404, pages::Notice::link_gone);
  if (!budgets_.starts.take(std::to_string(pairing->id), steady_now()))
    return notice(response, 429, pages::Notice::too_many);
  const auto departure = pairing_.start(code, now);
  if (!departure && departure.error() == pairing::Ending::not_this_browser)
    return unknown(request, response, 404, pages::Notice::link_gone);
  if (!departure) {
    const Ended page = ended(departure.error());
    return notice(response, page.status, page.notice);
  }
  response.status = 303;
  response.set_header("Location", departure->authorize_url);
  response.set_header("Set-Cookie", set_cookie(departure->cookie, departure->life));
}

void Handlers::callback(const httplib::Request& request, httplib::Response& response) {
  const pairing::Callback callback = callback_of(request, pairing_.signs());
  const std::string known_by = cookie(request);
  const pairing::Outcome outcome = pairing_.finish(callback, known_by);
  if (outcome.ending == pairing::Ending::at_its_place) {
    response.status = 303;
    response.set_header("Location", kPlace.data());
    return response.set_header("Set-Cookie", set_cookie(known_by, outcome.left));
  }
  if (outcome.ending == pairing::Ending::not_this_browser)
    return unknown(request, response, 400, pages::Notice::not_this_browser);
  const Ended page = ended(outcome.ending);
  notice(response, page.status, page.notice);
}

// What a reload shows, and going back, and a browser that is opened again: only its own, by the cookie.
void Handlers::place(const httplib::Request& request, httplib::Response& response) {
  using At = pairing::Place::At;
  const auto place = pairing_.place(cookie(request));
  if (!place || place->at == At::x) return unknown(request, response, 400, pages::Notice::not_this_browser);
  if (place->at == At::hand) {
    response.set_header("Refresh", "2");
    return notice(response, 200, pages::Notice::in_hand);
  }
  if (place->at == At::failed) return notice(response, 200, notice_of(place->failure));
  response.set_content(place->at == At::linked
                           ? pages::linked(place->username, options_.gateway_number)
                           : pages::text_back({place->username, place->code, place->phone, place->left},
                                              options_.gateway_number),
                       kHtml.data());
}

// For machines and for a person with curl. Anybody can read it, so it says whether this box does its work and
// nothing else; what is down outside of it is no matter here.
void Handlers::health(const httplib::Request&, httplib::Response& response) {
  const bool well = is_well();
  response.status = well ? 200 : 503;
  response.set_content(well ? "{\"status\":\"ok\"}\n" : "{\"status\":\"degraded\"}\n", "application/json");
}

bool Handlers::is_well() {
  for (const store::Condition& condition : options_.conditions()) {
    if (store::words_of(condition.code).box_fails) return false;  // perhaps with the database in hand
  }
  try {
    return !store_.modems.list().empty();
  } catch (const store::StorageError&) {
    return false;  // a condition says why
  }
}

std::string Handlers::client(const httplib::Request& request) const {
  return client_of(request, options_.behind_front);
}

// Whoever guesses codes, states or cookies does it slowly.
void Handlers::unknown(const httplib::Request& request, httplib::Response& response, int status,
                       pages::Notice what) {
  if (!budgets_.unknown.take(client(request), steady_now()))
    return notice(response, 429, pages::Notice::too_many);
  notice(response, status, what);
}

std::string Handlers::cookie(const httplib::Request& request) const {
  return cookie_of(request, secure_ ? "__Host-pigeon" : "pigeon");
}

void Handlers::notice(httplib::Response& response, int status, pages::Notice notice) {
  response.status = status;
  if (status == 429) response.set_header("Retry-After", "60");
  if (status == 503) response.set_header("Retry-After", "5");
  response.set_content(pages::notice(notice, options_.gateway_number), kHtml.data());
}

void Handlers::failed(httplib::Response& response, std::string_view why) {
  if (budgets_.log_lines.take({}, steady_now())) log::error("web", "a request failed: " + std::string(why));
  notice(response, 503, pages::Notice::broken);
}

// Cross-site request forgery: Fetch Metadata where the browser sends it, else Origin. A client that sends
// neither is no browser that somebody else could steer.
bool Handlers::is_own_form(const httplib::Request& request) const {
  const std::string site = request.get_header_value("Sec-Fetch-Site");
  if (!site.empty()) return site == "same-origin";
  const std::string origin = request.get_header_value("Origin");
  return origin.empty() || (!origin_.empty() && origin_of(origin) == origin_);
}

// The __Host- prefix makes browsers insist on Secure, Path=/ and no Domain; without https (a desk, a demo)
// there is no Secure and so no prefix. Lax: the cookie has to come along when X sends the browser back.
std::string Handlers::set_cookie(std::string_view value, milliseconds life) const {
  const std::string age = std::to_string(std::chrono::ceil<seconds>(life).count());
  return std::string(secure_ ? "__Host-pigeon=" : "pigeon=") + std::string(value) +
         (secure_ ? "; Secure" : "") + "; HttpOnly; SameSite=Lax; Path=/; Max-Age=" + age;
}

}  // namespace pigeon::web
