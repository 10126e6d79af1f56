// The steps of pairing_flow.h. Once tokens exist, every path that does not store them revokes them: a grant
// that nobody holds must not stay alive at X.
#include "pairing/pairing_flow.h"

#include <algorithm>
#include <memory>

#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"
#include "pairing/pin_flow.h"
#include "pairing/revocation.h"
#include "x/provider.h"
#include "x/x_client.h"

namespace pigeon::pairing {
namespace {

constexpr std::size_t kStateOctets = 32;
constexpr std::size_t kMaxParameter = 2048;  // of what a browser brings back
constexpr std::size_t kMaxExchanges = 3;     // leaves a worker for everybody else
// The code lives for 30 s and the person waits: together half a minute at most.
constexpr milliseconds kExchangeLimit = seconds(12);
constexpr milliseconds kWhoLimit = seconds(8);
constexpr milliseconds kRevokeLimit = seconds(5);  // twice
// Thrice: a box without a clock signs a token's request anew.
constexpr milliseconds kSignedLimit = seconds(8);

constexpr std::string_view kTag = "pairing";

// Rings at the end of a scope that commits, whatever the storage says: a row whose sync alone failed is
// there, too.
class RingAfter {
 public:
  explicit RingAfter(Bell& bell) : bell_(bell) {}
  ~RingAfter() { bell_.ring(); }
  RingAfter(const RingAfter&) = delete;
  RingAfter& operator=(const RingAfter&) = delete;

 private:
  Bell& bell_;
};

void log_failure(Ending ending, std::string_view message) {
  const std::string line = std::string(message);
  if (ending == Ending::misconfigured)
    log::error(kTag, line + "; check the keys and the files of their secrets in [x]");
  else
    log::warning(kTag, line);
}

store::Credentials credentials_of(const oauth::Tokens& tokens, UtcTime now) {
  return {.access_token = tokens.access_token,
          .refresh_token = tokens.refresh_token,
          .access_expires_at = oauth::expires_at(tokens, now),
          .scope = tokens.scope,
          .x_user_id = {},
          .username = {}};
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
  // Nothing when too many are in hand, or this pairing is.
  static std::unique_ptr<XCalls> begin(PairingFlow& flow, std::int64_t pairing) {
    const std::lock_guard lock(flow.mutex_);
    if (flow.calling_.size() >= kMaxExchanges || flow.calling_.contains(pairing)) return nullptr;
    auto calls = std::make_unique<XCalls>(flow, pairing);
    flow.calling_.emplace(pairing, &calls->x.http());
    if (flow.interrupted_) calls->x.http().interrupt();
    return calls;
  }
  XCalls(PairingFlow& flow, std::int64_t pairing)
      : x(flow.settings_.api_url), flow_(flow), pairing_(pairing) {}
  ~XCalls() {
    const std::lock_guard lock(flow_.mutex_);
    flow_.calling_.erase(pairing_);
  }
  XCalls(const XCalls&) = delete;
  XCalls& operator=(const XCalls&) = delete;

  x::XClient x;

 private:
  PairingFlow& flow_;
  const std::int64_t pairing_;
};

PairingFlow::PairingFlow(const PairingSettings& settings, store::Store& store, store::Wakeups& wakeups)
    : settings_(settings), client_(settings.client), store_(store), wakeups_(wakeups) {}

std::optional<store::Pairing> PairingFlow::find(std::string_view code, UtcTime now) {
  return store_.pairings.find_by_code(code, now);
}

tl::expected<Departure, Ending> PairingFlow::start(std::string_view code, UtcTime now) {
  const auto pairing = store_.pairings.find_by_code(code, now);
  if (!pairing) return tl::make_unexpected(Ending::not_this_browser);
  Departure departure;
  departure.cookie = random_token(kStateOctets);
  departure.life = pairing->expires_at - now;
  std::string state = random_token(kStateOctets);
  std::string verifier = oauth::make_verifier();
  if (signs()) {
    const auto token = request_token(pairing->id);
    if (!token) return tl::make_unexpected(token.error());
    state = token->token;
    verifier = token->secret;
    departure.authorize_url = pin_link(settings_, *token);
  } else {
    departure.authorize_url = oauth::authorize_url(client_, state, oauth::challenge_s256(verifier));
  }
  auto transaction = store_.begin();
  store_.pairings.start(transaction, pairing->id, state, departure.cookie, verifier, now);
  transaction.commit();
  return departure;
}

tl::expected<store::RequestToken, Ending> PairingFlow::request_token(std::int64_t pairing) {
  const auto calls = XCalls::begin(*this, pairing);
  if (!calls) return tl::make_unexpected(Ending::busy);
  calls->x.http().limit_timeout(kSignedLimit);
  auto token = ask_for_callback(calls->x, settings_);
  if (token) return std::move(*token);
  const Ending ending = ending_of(token.error().why);
  log_failure(ending, token.error().message);
  return tl::make_unexpected(ending);
}

Outcome PairingFlow::finish(const Callback& callback, std::string_view cookie) {
  const bool bounded = callback.state.size() <= kMaxParameter && cookie.size() <= kMaxParameter;
  if (callback.state.empty() || cookie.empty() || !bounded) return without_success(Ending::not_this_browser);
  const UtcTime now = store_.time.now();
  const auto pairing = store_.pairings.find_by_state(callback.state, cookie, now);
  if (!pairing) {
    // Browsers fetch a page twice without being asked; whatever else it says, it is the same answer.
    if (!store_.pairings.is_spent(callback.state, cookie, now))
      return without_success(Ending::not_this_browser);
    const auto known = store_.pairings.find_by_cookie(cookie, now);
    return known ? at_its_place(known->id) : without_success(Ending::not_this_browser);
  }
  if (!callback.iss.empty() && !oauth::is_issuer(client_.provider, callback.iss)) {
    log_failure(Ending::unclear, "the answer names a foreign issuer: " + shorten(callback.iss, 100));
    return fail(pairing->id, Ending::unclear);
  }
  if (callback.error == "access_denied") return fail(pairing->id, Ending::cancelled);
  if (!callback.error.empty() || callback.code.empty() || callback.code.size() > kMaxParameter) {
    log_failure(Ending::unclear, "X answered without a code: " + shorten(callback.error, 100));
    return fail(pairing->id, Ending::unclear);
  }
  return exchange(*pairing, callback, cookie);
}

Outcome PairingFlow::exchange(const store::Pairing& pairing, const Callback& callback,
                              std::string_view cookie) {
  const auto calls = XCalls::begin(*this, pairing.id);
  if (!calls) return in_hand(pairing.id) ? at_its_place(pairing.id) : without_success(Ending::busy);
  const auto verifier = take_verifier(pairing.id);
  if (!verifier) return at_its_place(pairing.id);  // the same callback came twice at once
  if (signs()) return redeem(calls->x, pairing, callback, *verifier, cookie);
  net::HttpClient& http = calls->x.http();
  http.limit_timeout(kExchangeLimit);
  const auto tokens = oauth::exchange_code(http, client_, callback.code, *verifier);
  if (tokens) return accept(calls->x, pairing, *tokens, callback.state, cookie);
  const Ending ending = ending_of(tokens.error().failure);
  log_failure(ending, tokens.error().message);
  return fail(pairing.id, ending);
}

Outcome PairingFlow::accept(x::XClient& x, const store::Pairing& pairing, const oauth::Tokens& tokens,
                            std::string_view state, std::string_view cookie) {
  store::Credentials credentials = credentials_of(tokens, store_.time.now());
  if (!x::may_post(tokens.scope)) {
    log_failure(Ending::no_permission, "X granted only \"" + shorten(tokens.scope, 100) + "\"");
    revoke(x, credentials);
    return fail(pairing.id, Ending::no_permission);
  }
  x.http().limit_timeout(kWhoLimit);
  const auto user = x.me(tokens.access_token);
  if (!user) {
    const Ending ending = ending_of(user.error().problem);
    log_failure(ending, "GET /2/users/me: " + user.error().detail);
    revoke(x, credentials);
    return fail(pairing.id, ending);
  }
  credentials.x_user_id = user->id;
  credentials.username = user->username;
  return keep(x, pairing, credentials, state, cookie);
}

Outcome PairingFlow::redeem(x::XClient& x, const store::Pairing& pairing, const Callback& callback,
                            const std::string& secret, std::string_view cookie) {
  x.http().limit_timeout(kSignedLimit);
  const auto credentials = redeem_pin(x, settings_, {callback.state, secret}, callback.code);
  if (credentials) return keep(x, pairing, *credentials, callback.state, cookie);
  const PinError& error = credentials.error();
  log_failure(ending_of(error.why), error.message);
  if (error.unheld) revoke(x, *error.unheld);
  return fail(pairing.id, ending_of(error.why));
}

Outcome PairingFlow::keep(x::XClient& x, const store::Pairing& pairing, const store::Credentials& credentials,
                          std::string_view state, std::string_view cookie) {
  const UtcTime now = store_.time.now();
  bool stored = false;
  try {
    auto transaction = store_.begin();
    // Who opened the link again meanwhile has another state: this grant is not that browser's to see.
    const bool is_still_its_own = store_.pairings.is_spent(state, cookie, UtcTime{});
    if (!is_still_its_own) {
      stored = false;
    } else if (settings_.text_back) {
      const std::string code = store_.pairings.unused_code(transaction);
      stored = store_.pairings.authorise(transaction, pairing.id, credentials, code, now);
    } else {
      stored = store_.pairings.link_at_once(transaction, pairing.id, credentials, now);
    }
    if (stored) transaction.commit();
  } catch (const store::StorageError&) {
    stored = holds_grant(pairing.id);  // committed; only the sync failed, and the next commit saves it
    if (!stored) {
      revoke(x, credentials);
      throw;
    }
  }
  if (stored)
    wakeups_.local.ring();
  else  // it has ended while X was asked
    revoke(x, credentials);
  return at_its_place(pairing.id);
}

Outcome PairingFlow::at_its_place(std::int64_t id) {
  const auto pairing = store_.pairings.find(id);
  // A dropped one belongs to nobody's browser any more.
  if (!pairing || pairing->state == store::PairingState::dropped)
    return without_success(Ending::not_this_browser);
  return {.ending = Ending::at_its_place, .left = pairing->expires_at - store_.time.now()};
}

bool PairingFlow::in_hand(std::int64_t id) {
  const std::lock_guard lock(mutex_);
  return calling_.contains(id);
}

std::optional<Place> PairingFlow::place(std::string_view cookie) {
  if (cookie.empty() || cookie.size() > kMaxParameter) return std::nullopt;
  const UtcTime now = store_.time.now();
  const auto pairing = store_.pairings.find_by_cookie(cookie, now);
  if (!pairing) return std::nullopt;
  Place place;
  place.username = pairing->username;
  place.phone = pairing->phone;
  place.left = pairing->expires_at - now;
  switch (pairing->state) {
    case store::PairingState::offered:
    case store::PairingState::started:
      place.at = in_hand(pairing->id) ? Place::At::hand : Place::At::x;
      return place;
    case store::PairingState::authorised: {
      auto code = store_.pairings.text_back_code(pairing->id);
      if (!code) log::error(kTag, "the code cannot be shown: " + code.error().message);
      if (!code || !*code) return std::nullopt;  // of the second kind: it was texted just now
      place.at = Place::At::code;
      place.code = std::move(**code);
      return place;
    }
    case store::PairingState::linked:
      place.at = Place::At::linked;
      return place;
    case store::PairingState::failed:
      place.at = Place::At::failed;
      place.failure = pairing->failure;
      return place;
    case store::PairingState::dropped:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> PairingFlow::take_verifier(std::int64_t id) {
  auto transaction = store_.begin();
  auto verifier = store_.pairings.take_verifier(transaction, id);
  transaction.commit();
  return verifier;
}

Outcome PairingFlow::fail(std::int64_t id, Ending ending) {
  auto failure = store::PairingFailure::error;
  if (ending == Ending::cancelled) failure = store::PairingFailure::cancelled;
  // X gives the same token again, which the person has to end there.
  if (ending == Ending::no_permission && signs()) failure = store::PairingFailure::read_only;
  const RingAfter ring(wakeups_.local);
  const UtcTime now = store_.time.now();
  auto transaction = store_.begin();
  store_.pairings.fail(transaction, id, failure, now);
  transaction.commit();
  return without_success(ending);
}

bool PairingFlow::holds_grant(std::int64_t id) {
  using store::PairingState;
  try {
    const auto pairing = store_.pairings.find(id);
    return pairing && (pairing->state == PairingState::authorised || pairing->state == PairingState::linked);
  } catch (const store::StorageError&) {
    return false;
  }
}

// A job from here on; only a grant that storage does not take either is ended on the spot.
void PairingFlow::revoke(x::XClient& x, const store::Credentials& unheld) {
  try {
    const UtcTime now = store_.time.now();
    auto transaction = store_.begin();
    store_.revocations.add(transaction, unheld.access_token, unheld.refresh_token, now, unheld.consumer_key);
    transaction.commit();
    wakeups_.network.ring();
  } catch (const store::StorageError&) {
    x.http().limit_timeout(kRevokeLimit);
    if (unheld.consumer_key.empty())
      static_cast<void>(end_grant(x.http(), client_, {unheld.refresh_token, unheld.access_token}, 1));
    else
      static_cast<void>(end_token(x.http(), settings_.consumer, {unheld.access_token, unheld.refresh_token},
                                  unheld.consumer_key, x.time_at_x()));
  }
}

void PairingFlow::interrupt() {
  const std::lock_guard lock(mutex_);
  interrupted_ = true;
  for (const auto& [id, http] : calling_) http->interrupt();
}

}  // namespace pigeon::pairing
