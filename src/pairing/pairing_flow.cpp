// The steps of pairing.h. Once tokens exist, every path that does not store them revokes them: a grant that
// nobody holds must not stay alive at X.
#include "web/pairing.h"

#include <algorithm>
#include <memory>

#include "base/log.h"
#include "base/text.h"
#include "web/origin.h"

namespace pigeon::web {
namespace {

constexpr std::size_t kStateOctets = 32;
constexpr std::size_t kMaxParameter = 2048;  // of what a browser brings back
constexpr std::size_t kMaxExchanges = 3;     // leaves a worker for everybody else
// The code lives for 30 s and the person waits: together half a minute at most.
constexpr milliseconds kExchangeLimit = seconds(12);
constexpr milliseconds kWhoLimit = seconds(8);
constexpr milliseconds kRevokeLimit = seconds(5);  // twice

constexpr std::string_view kTag = "web";

bool has_scope(std::string_view granted, std::string_view wanted) {
  while (!granted.empty()) {
    const std::size_t space = granted.find(' ');
    if (granted.substr(0, space) == wanted) return true;
    granted.remove_prefix(space == std::string_view::npos ? granted.size() : space + 1);
  }
  return false;
}

// RFC 6749 §5.1: a scope that is left out is the one that was asked for.
bool may_post(std::string_view granted) {
  return granted.empty() || (has_scope(granted, "tweet.write") && has_scope(granted, "offline.access"));
}

Ending ending_of(x::TokenFailure failure) {
  switch (failure) {
    case x::TokenFailure::grant_dead:
      return Ending::refused;
    case x::TokenFailure::client_rejected:
      return Ending::misconfigured;
    case x::TokenFailure::malformed:
    case x::TokenFailure::uncertain:
      return Ending::unclear;
    case x::TokenFailure::unreachable:
      return Ending::unreachable;
  }
  return Ending::unclear;
}

Ending ending_of(x::Problem problem) {
  switch (problem) {
    case x::Problem::suspended:
      return Ending::suspended;
    case x::Problem::missing_scope:
      return Ending::no_permission;
    case x::Problem::app_misconfigured:
    case x::Problem::credits_depleted:
      return Ending::misconfigured;
    case x::Problem::unreachable:
    case x::Problem::rate_limited:
      return Ending::unreachable;
    case x::Problem::unauthorized:
    case x::Problem::forbidden:
      return Ending::refused;
    case x::Problem::duplicate:
    case x::Problem::too_long:
    case x::Problem::rejected:
    case x::Problem::unavailable:
    case x::Problem::not_found:
      return Ending::unclear;
  }
  return Ending::unclear;
}

void log_failure(Ending ending, std::string_view message) {
  const std::string line = "pairing: " + std::string(message);
  if (ending == Ending::misconfigured)
    log::error(kTag, line + "; check client_id and client_secret_file in [x]");
  else
    log::warning(kTag, line);
}

store::Credentials credentials_of(const x::Tokens& tokens, const x::User& user, UtcTime now) {
  return {.access_token = tokens.access_token,
          .refresh_token = tokens.refresh_token,
          .access_expires_at = now + tokens.expires_in,
          .scope = tokens.scope,
          .x_user_id = user.id,
          .username = user.username};
}

Outcome without_success(Ending ending) {
  Outcome outcome;
  outcome.ending = ending;
  return outcome;
}

}  // namespace

// The client of one exchange, known to interrupt() while it lives.
class PairingFlow::XCalls {
 public:
  // Nothing when too many are in hand.
  static std::unique_ptr<XCalls> begin(PairingFlow& flow) {
    const std::lock_guard lock(flow.mutex_);
    if (flow.calling_.size() >= kMaxExchanges) return nullptr;
    auto calls = std::make_unique<XCalls>(flow);
    flow.calling_.insert(&calls->http);
    if (flow.interrupted_) calls->http.interrupt();
    return calls;
  }
  explicit XCalls(PairingFlow& flow) : flow_(flow) {}
  ~XCalls() {
    const std::lock_guard lock(flow_.mutex_);
    flow_.calling_.erase(&http);
  }
  XCalls(const XCalls&) = delete;
  XCalls& operator=(const XCalls&) = delete;

  x::HttpClient http;

 private:
  PairingFlow& flow_;
};

PairingFlow::PairingFlow(x::OAuth2Client client, std::string api_url, bool text_back, store::Store& store,
                         Wakeup& relay)
    : client_(std::move(client)),
      api_url_(std::move(api_url)),
      text_back_(text_back),
      store_(store),
      relay_(relay) {}

std::optional<store::Pairing> PairingFlow::find(std::string_view code, UtcTime now) {
  return store_.pairings.find_by_code(code, now);
}

std::optional<Departure> PairingFlow::start(std::string_view code, UtcTime now) {
  const auto pairing = store_.pairings.find_by_code(code, now);
  if (!pairing) return std::nullopt;
  const std::string state = x::random_token(kStateOctets);
  const std::string verifier = x::make_verifier();
  Departure departure;
  departure.cookie = x::random_token(kStateOctets);
  departure.authorize_url = x::authorize_url(client_, state, x::challenge_s256(verifier));
  departure.life = pairing->expires_at - now;
  store_.pairings.start(pairing->id, state, departure.cookie, verifier);
  return departure;
}

Outcome PairingFlow::finish(const Callback& callback, std::string_view cookie) {
  const bool bounded = callback.state.size() <= kMaxParameter && cookie.size() <= kMaxParameter;
  if (callback.state.empty() || cookie.empty() || !bounded) return without_success(Ending::not_this_browser);
  const auto pairing = store_.pairings.find_by_state(callback.state, cookie, utc_now());
  if (!pairing) return without_success(Ending::not_this_browser);
  if (!callback.iss.empty() && !is_ours(callback.iss)) {
    log_failure(Ending::unclear, "the answer names a foreign issuer: " + shorten(callback.iss, 100));
    return fail(pairing->id, Ending::unclear);
  }
  if (callback.error == "access_denied") return fail(pairing->id, Ending::cancelled);
  if (!callback.error.empty() || callback.code.empty() || callback.code.size() > kMaxParameter) {
    log_failure(Ending::unclear, "X answered without a code: " + shorten(callback.error, 100));
    return fail(pairing->id, Ending::unclear);
  }
  return exchange(*pairing, callback);
}

Outcome PairingFlow::exchange(const store::Pairing& pairing, const Callback& callback) {
  const auto calls = XCalls::begin(*this);
  if (!calls) return without_success(Ending::busy);
  const auto verifier = store_.pairings.take_verifier(pairing.id);
  if (!verifier) return without_success(Ending::not_this_browser);  // the same callback came twice at once
  calls->http.limit_timeout(kExchangeLimit);
  const auto tokens = x::exchange_code(calls->http, client_, callback.code, *verifier);
  if (tokens) return accept(calls->http, pairing, *tokens);
  const Ending ending = ending_of(tokens.error().failure);
  log_failure(ending, tokens.error().message);
  return fail(pairing.id, ending);
}

Outcome PairingFlow::accept(x::HttpClient& http, const store::Pairing& pairing, const x::Tokens& tokens) {
  if (!may_post(tokens.scope)) {
    log_failure(Ending::no_permission, "X granted only \"" + shorten(tokens.scope, 100) + "\"");
    revoke(http, tokens);
    return fail(pairing.id, Ending::no_permission);
  }
  http.limit_timeout(kWhoLimit);
  const auto user = x::XClient(http, api_url_).me(tokens.access_token);
  if (!user) {
    const Ending ending = ending_of(user.error().problem);
    log_failure(ending, "GET /2/users/me: " + user.error().detail);
    revoke(http, tokens);
    return fail(pairing.id, ending);
  }
  const UtcTime now = utc_now();
  const store::Credentials credentials = credentials_of(tokens, *user, now);
  Outcome outcome{.ending = Ending::linked, .username = user->username, .code = {}};
  bool stored = false;
  try {
    if (text_back_) {
      outcome.ending = Ending::code_shown;
      outcome.code = store::random_digits4();
      stored = store_.pairings.authorise(pairing.id, credentials, outcome.code);
    } else {
      stored = store_.pairings.link_at_once(pairing.id, credentials, now);
    }
  } catch (const store::StorageError&) {
    revoke(http, tokens);
    throw;
  }
  if (!stored) {  // another pairing of this phone was finished while X was asked
    revoke(http, tokens);
    return {.ending = Ending::not_this_browser, .username = {}, .code = {}};
  }
  relay_.notify();
  return outcome;
}

Outcome PairingFlow::fail(std::int64_t id, Ending ending) {
  store_.pairings.fail(id, ending == Ending::cancelled ? "cancelled" : "error");
  relay_.notify();
  return without_success(ending);
}

// X publishes no issuer identifier (RFC 8414) and sends none today. Should it begin to (RFC 9207), the
// identifier has to be an address of the server that this client was registered with: where it sends people,
// or where it sends codes.
bool PairingFlow::is_ours(std::string_view issuer) const {
  const std::string origin = origin_of(issuer);
  return !origin.empty() &&
         (origin == origin_of(client_.authorize_url) || origin == origin_of(client_.token_url));
}

void PairingFlow::revoke(x::HttpClient& http, const x::Tokens& tokens) {
  http.limit_timeout(kRevokeLimit);
  for (const std::string* token : {&tokens.refresh_token, &tokens.access_token}) {
    const auto revoked = x::revoke(http, client_, *token);
    if (!revoked) log::warning(kTag, "pairing: an unused grant may live on at X: " + revoked.error().message);
  }
}

void PairingFlow::interrupt() {
  const std::lock_guard lock(mutex_);
  interrupted_ = true;
  for (x::HttpClient* http : calling_) http->interrupt();
}

}  // namespace pigeon::web
