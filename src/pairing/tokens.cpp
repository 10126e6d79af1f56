// Using and refreshing tokens; see tokens.h.
#include "pairing/tokens.h"

#include <utility>

#include "base/log.h"

namespace pigeon::pairing {
namespace {

constexpr const char* kTag = "tokens";

store::Credentials renewed(const store::Credentials& old, const oauth::Tokens& fresh, UtcTime now) {
  store::Credentials credentials = old;
  credentials.access_token = fresh.access_token;
  credentials.refresh_token = fresh.refresh_token;
  credentials.access_expires_at = oauth::expires_at(fresh, now);
  if (!fresh.scope.empty()) credentials.scope = fresh.scope;
  return credentials;
}

TryLater later(TryLater::Why why, const oauth::TokenError& error, UtcTime now) {
  TryLater later{.why = why};
  if (error.retry_after) later.retry_at = now + *error.retry_after;
  return later;
}

}  // namespace

// A phone in one thread's hands. Nobody waits for it once the program stops: false.
class Tokens::Turn {
 public:
  Turn(Tokens& tokens, std::string phone) : tokens_(tokens), phone_(std::move(phone)) {
    std::unique_lock lock(tokens_.mutex_);
    tokens_.turn_ended_.wait(lock,
                             [this] { return tokens_.stopping_ || !tokens_.in_hand_.contains(phone_); });
    held_ = tokens_.in_hand_.insert(phone_).second;
  }
  ~Turn() {
    if (!held_) return;
    const std::lock_guard lock(tokens_.mutex_);
    tokens_.in_hand_.erase(phone_);
    tokens_.turn_ended_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  [[nodiscard]] explicit operator bool() const { return held_; }

 private:
  Tokens& tokens_;
  std::string phone_;
  bool held_ = false;
};

// A refresh that may be away. False: the program stops, and none may begin.
class Tokens::Away {
 public:
  explicit Away(Tokens& tokens) : tokens_(tokens) {
    const std::lock_guard lock(tokens_.mutex_);
    begun_ = !tokens_.stopping_;
    if (begun_) ++tokens_.away_;
  }
  ~Away() {
    const std::lock_guard lock(tokens_.mutex_);
    if (begun_) --tokens_.away_;
  }
  Away(const Away&) = delete;
  Away& operator=(const Away&) = delete;
  [[nodiscard]] explicit operator bool() const { return begun_; }

 private:
  Tokens& tokens_;
  bool begun_ = false;
};

Tokens::Tokens(const PairingSettings& settings, store::Store& store) : settings_(settings), store_(store) {}

TokenOutcome Tokens::bearer(net::HttpClient& http, const PhoneNumber& phone, UtcTime now) {
  return obtain(http, phone, {}, now);
}

TokenOutcome Tokens::refreshed(net::HttpClient& http, const PhoneNumber& phone,
                               const std::string& rejected_token, UtcTime now) {
  return obtain(http, phone, rejected_token, now);
}

TokenOutcome Tokens::obtain(net::HttpClient& http, const PhoneNumber& phone,
                            const std::string& rejected_token, UtcTime now) {
  const Turn turn(*this, phone.e164());
  if (!turn) return TryLater{.why = TryLater::Why::stopping};
  if (!save()) return TryLater{.why = TryLater::Why::storage};
  try {
    std::optional<TokenOutcome> outcome;
    while (!outcome) outcome = look(http, phone, rejected_token, now);
    return std::move(*outcome);
  } catch (const store::StorageError& error) {
    log::error(kTag, "no tokens without the database: " + std::string(error.what()));
    return TryLater{.why = TryLater::Why::storage};
  }
}

// What the account says now. Nothing: it was linked anew or ended while X was asked, so look again.
std::optional<TokenOutcome> Tokens::look(net::HttpClient& http, const PhoneNumber& phone,
                                         const std::string& rejected_token, UtcTime now) {
  auto opened = store_.accounts.open(phone);
  if (!opened) {
    const auto account = store_.accounts.find(phone);
    if (account && account->state == store::AccountState::broken) return LinkAgain{account->grant};
    log::error(kTag,
               "the tokens of " + log::masked(phone.e164()) + " stay locked: " + opened.error().message);
    return TryLater{.why = TryLater::Why::locked_key};
  }
  if (!*opened) return LinkAgain{};
  store::OpenAccount& open = **opened;
  const std::int64_t grant = open.account.grant;
  if (open.account.state == store::AccountState::broken) return LinkAgain{grant};
  if (!open.account.consumer_key.empty()) return signing(open);
  if (store::bearer_valid(open.account, now) && open.credentials.access_token != rejected_token)
    return Bearer{std::move(open.credentials.access_token), std::move(open.credentials.x_user_id), grant};
  if (!store::refresh_valid(open.account)) return LinkAgain{grant};
  return refresh(http, phone, open, now);
}

// A token of OAuth 1.0a lives until X says otherwise, with the consumer key that it was made for.
TokenOutcome Tokens::signing(store::OpenAccount& open) const {
  const std::int64_t grant = open.account.grant;
  if (open.account.consumer_key != settings_.consumer.consumer_key) return LinkAgain{grant};
  store::Credentials& credentials = open.credentials;
  return Bearer{std::move(credentials.access_token), std::move(credentials.x_user_id), grant,
                std::move(credentials.refresh_token), open.account.refused_at};
}

// Nothing: as look().
std::optional<TokenOutcome> Tokens::refresh(net::HttpClient& http, const PhoneNumber& phone,
                                            const store::OpenAccount& old, UtcTime now) {
  const Away away(*this);
  if (!away) return TryLater{.why = TryLater::Why::stopping};
  const std::int64_t grant = old.account.grant;
  if (old.account.refresh_in_flight)
    log::notice(kTag, "an earlier refresh for " + log::masked(phone.e164()) +
                          " got no answer; its token is tried once more");
  // Committed before the request leaves.
  if (!begin_refresh(phone, grant)) return std::nullopt;
  const auto fresh = oauth::refresh(http, settings_.client, old.credentials.refresh_token);
  if (!fresh) return refused(phone, old.account, fresh.error(), now);
  const store::Credentials credentials = renewed(old.credentials, *fresh, now);
  {
    const std::lock_guard lock(keeping_);
    pairs_.push_back({phone, grant, credentials, now});
  }
  if (!save()) return TryLater{.why = TryLater::Why::storage};  // a pair is used when it is durable
  const auto account = store_.accounts.find(phone);
  if (!account || account->grant != grant) return std::nullopt;
  return Bearer{credentials.access_token, credentials.x_user_id, grant};
}

bool Tokens::begin_refresh(const PhoneNumber& phone, std::int64_t grant) {
  auto transaction = store_.begin();
  const bool begun = store_.accounts.begin_refresh(transaction, phone, grant);
  transaction.commit();
  return begun;
}

// X gave no tokens. Nothing: as look().
std::optional<TokenOutcome> Tokens::refused(const PhoneNumber& phone, const store::Account& account,
                                            const oauth::TokenError& error, UtcTime now) {
  const std::string who = log::masked(phone.e164());
  // Whether the old token is spent is as open as it was before this request.
  const auto not_carried_out = [&] {
    if (account.refresh_in_flight) return;
    auto transaction = store_.begin();
    store_.accounts.refresh_not_sent(transaction, phone, account.grant);
    transaction.commit();
  };
  switch (error.failure) {
    case oauth::TokenFailure::grant_dead: {
      const auto current = store_.accounts.find(phone);
      if (!current || current->grant != account.grant) return std::nullopt;
      log::notice(kTag, "the grant of " + who +
                            (account.refresh_in_flight ? " is lost with the answer to an earlier refresh: "
                                                       : " has ended: ") +
                            error.message);
      return LinkAgain{account.grant};
    }
    case oauth::TokenFailure::client_rejected:
      log::error(
          kTag, "X refuses this box's client id or secret, check [x] in the configuration: " + error.message);
      not_carried_out();
      return later(TryLater::Why::client_rejected, error, now);
    case oauth::TokenFailure::unreachable:
      log::warning(kTag, "refreshing for " + who + " failed: " + error.message);
      not_carried_out();
      return later(error.answered ? TryLater::Why::unavailable : TryLater::Why::unreachable, error, now);
    case oauth::TokenFailure::malformed:
    case oauth::TokenFailure::uncertain:
      break;
  }
  // The old token may be spent. Using it once more later tells; a spent one is then refused as grant_dead.
  log::warning(kTag, "refreshing for " + who + " got no answer that helps: " + error.message);
  return later(TryLater::Why::unavailable, error, now);
}

void Tokens::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  turn_ended_.notify_all();
}

bool Tokens::refreshing() const {
  const std::lock_guard lock(mutex_);
  return away_ > 0;
}

bool Tokens::save() {
  const std::lock_guard lock(keeping_);
  try {
    for (; !pairs_.empty(); pairs_.pop_front()) {
      Pair& pair = pairs_.front();
      const store::Credentials& fresh = pair.credentials;
      auto transaction = store_.begin();
      // Linked anew or ended meanwhile: a grant that nobody holds must not stay alive at X. The worker that
      // asked for it is of the lane that ends it.
      if (!store_.accounts.keep_refreshed(transaction, pair.phone, pair.grant, fresh))
        store_.revocations.add(transaction, fresh.access_token, fresh.refresh_token, pair.since);
      transaction.commit();
    }
  } catch (const store::StorageError& error) {
    if (!told_)
      log::error(kTag,
                 "new tokens wait for the database, do not kill the program: " + std::string(error.what()));
    told_ = true;
    return false;
  }
  if (told_) log::notice(kTag, "the database has taken the new tokens");
  told_ = false;
  return true;
}

}  // namespace pigeon::pairing
