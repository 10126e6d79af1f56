// Using and refreshing tokens; see tokens.h.
#include "relay/tokens.h"

#include <utility>

#include "base/log.h"

namespace pigeon::relay {
namespace {
constexpr const char* kTag = "tokens";
}

Tokens::Tokens(const RelayOptions& options, store::Store& store, x::HttpClient& http)
    : options_(options), store_(store), http_(http) {}

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
  return refresh(phone, std::move(**credentials), now);
}

TokenOutcome Tokens::refreshed(const PhoneNumber& phone, const std::string& rejected_token, UtcTime now) {
  auto credentials = store_.accounts.credentials(phone);
  if (!credentials || !*credentials) return LinkAgain{};
  // The person may have linked anew in the meantime.
  if ((*credentials)->access_token != rejected_token) {
    return Bearer{(*credentials)->access_token, (*credentials)->x_user_id};
  }
  if (!store_.accounts.refresh_valid(phone)) return LinkAgain{};
  return refresh(phone, std::move(**credentials), now);
}

TokenOutcome Tokens::refresh(const PhoneNumber& phone, store::Credentials old, UtcTime now) {
  store_.accounts.begin_refresh(phone);  // committed before the request leaves
  auto fresh = x::refresh(http_, options_.oauth, old.refresh_token);
  if (!fresh) {
    const std::string who = log::masked(phone.e164());
    switch (fresh.error().failure) {
      case x::TokenFailure::grant_dead:
        log::notice(kTag, "the grant of " + who + " has ended: " + fresh.error().message);
        store_.accounts.mark_broken(phone);
        return LinkAgain{};
      case x::TokenFailure::client_rejected:
        log::error(kTag, "X refuses this box's client id or secret, check [x] in the configuration: " +
                             fresh.error().message);
        store_.accounts.refresh_not_sent(phone);
        return TryLater{true};
      case x::TokenFailure::unreachable:
        store_.accounts.refresh_not_sent(phone);
        [[fallthrough]];
      case x::TokenFailure::malformed:
      case x::TokenFailure::uncertain:
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

  // Only in place of what was refreshed: the web may have linked the phone anew while the request was away.
  auto transaction = store_.begin();
  auto current = store_.accounts.credentials(phone);
  if (!current || !*current) return LinkAgain{};
  if ((*current)->refresh_token != old.refresh_token)
    return Bearer{(*current)->access_token, (*current)->x_user_id};
  store_.accounts.add_credentials(phone, credentials, now);
  transaction.commit();  // the new pair is durable before it is used
  return Bearer{std::move(credentials.access_token), std::move(credentials.x_user_id)};
}

bool Tokens::revoke(const store::Credentials& credentials) {
  // The refresh token ends the whole grant; the access token is revoked too, in case X keeps it alive for its
  // two hours.
  bool reached = true;
  for (const std::string* token : {&credentials.refresh_token, &credentials.access_token}) {
    if (token->empty()) continue;
    auto revoked = x::revoke(http_, options_.oauth, *token);
    if (!revoked && revoked.error().retryable()) revoked = x::revoke(http_, options_.oauth, *token);
    if (!revoked) {
      log::warning(kTag, "a token could not be revoked: " + revoked.error().message);
      reached = false;
    }
  }
  return reached;
}

}  // namespace pigeon::relay
