// Using and refreshing tokens; see tokens.h.
#include "pairing/tokens.h"

#include <utility>

#include "base/log.h"
#include "oauth/oauth2.h"
#include "pairing/revocation.h"

namespace pigeon::pairing {
namespace {
constexpr const char* kTag = "tokens";
}

Tokens::Tokens(const PairingSettings& settings, store::Store& store, net::HttpClient& http)
    : settings_(settings), store_(store), http_(http) {}

TokenOutcome Tokens::bearer(const PhoneNumber& phone, UtcTime now) {
  auto credentials = store_.accounts.credentials(phone);
  if (!credentials) {
    log::error(kTag, credentials.error().message);
    return LinkAgain{};
  }
  if (!*credentials) return LinkAgain{};
  if (store_.accounts.bearer_valid(phone, now))
    return Bearer{(*credentials)->access_token, (*credentials)->x_user_id};
  if (!store_.accounts.refresh_valid(phone)) return LinkAgain{};
  return refresh(phone, **credentials, now);
}

TokenOutcome Tokens::refreshed(const PhoneNumber& phone, const std::string& rejected_token, UtcTime now) {
  auto credentials = store_.accounts.credentials(phone);
  if (!credentials || !*credentials) return LinkAgain{};
  // The person may have linked anew in the meantime.
  if ((*credentials)->access_token != rejected_token) {
    return Bearer{(*credentials)->access_token, (*credentials)->x_user_id};
  }
  if (!store_.accounts.refresh_valid(phone)) return LinkAgain{};
  return refresh(phone, **credentials, now);
}

TokenOutcome Tokens::refresh(const PhoneNumber& phone, const store::Credentials& old, UtcTime now) {
  store_.accounts.begin_refresh(phone);  // committed before the request leaves
  auto fresh = oauth::refresh(http_, settings_.client, old.refresh_token);
  if (!fresh) {
    const std::string who = log::masked(phone.e164());
    switch (fresh.error().failure) {
      case oauth::TokenFailure::grant_dead: {
        auto transaction = store_.begin();
        if (auto newer = overtaken(phone, old)) return std::move(*newer);
        log::notice(kTag, "the grant of " + who + " has ended: " + fresh.error().message);
        store_.accounts.mark_broken(phone);
        transaction.commit();
        return LinkAgain{};
      }
      case oauth::TokenFailure::client_rejected:
        log::error(kTag, "X refuses this box's client id or secret, check [x] in the configuration: " +
                             fresh.error().message);
        store_.accounts.refresh_not_sent(phone);
        return TryLater{true};
      case oauth::TokenFailure::unreachable:
        store_.accounts.refresh_not_sent(phone);
        [[fallthrough]];
      case oauth::TokenFailure::malformed:
      case oauth::TokenFailure::uncertain:
        // The old token may be spent. Using it once more later tells; a spent one is then refused as
        // grant_dead.
        log::warning(kTag, "refreshing for " + who + " failed: " + fresh.error().message);
        return TryLater{};
    }
  }
  store::Credentials credentials = old;
  credentials.access_token = fresh->access_token;
  credentials.refresh_token = fresh->refresh_token;
  credentials.access_expires_at = now + fresh->expires_in;
  if (!fresh->scope.empty()) credentials.scope = fresh->scope;

  auto transaction = store_.begin();
  if (auto newer = overtaken(phone, old)) return std::move(*newer);
  store_.accounts.add_credentials(phone, credentials, now);
  transaction.commit();  // the new pair is durable before it is used
  return Bearer{std::move(credentials.access_token), std::move(credentials.x_user_id)};
}

// What an answer about `old` finds in its place: the web may have linked the phone anew while the request was
// away. Nothing: `old` still stands.
std::optional<TokenOutcome> Tokens::overtaken(const PhoneNumber& phone, const store::Credentials& old) {
  auto current = store_.accounts.credentials(phone);
  if (!current || !*current) return LinkAgain{};
  if ((*current)->refresh_token == old.refresh_token) return std::nullopt;
  return Bearer{(*current)->access_token, (*current)->x_user_id};
}

bool Tokens::revoke(const store::Credentials& credentials) {
  constexpr int kTries = 2;
  return end_grant(http_, settings_.client, {credentials.refresh_token, credentials.access_token}, kTries);
}

}  // namespace pigeon::pairing
