// The accounts table: which phone posts as whom, with sealed tokens. One phone, one account.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/phone_number.h"
#include "store/secret_box.h"
#include "store/sqlite.h"

namespace pigeon::store {

// What a grant gave us, in clear; lives only in memory.
struct Credentials {
  std::string access_token;
  std::string refresh_token;  // empty: none granted; of OAuth 1.0a: the token's secret
  UtcTime access_expires_at{};
  std::string scope;
  std::string x_user_id;
  std::string username;  // without "@"
  // Of OAuth 1.0a, the consumer key that the token belongs to; empty: OAuth 2.0.
  std::string consumer_key{};
};

// When a token of OAuth 1.0a expires: never, but rows have a time.
inline constexpr UtcTime kNeverExpires{std::chrono::sys_days{std::chrono::year(9000) / 1 / 1}};

enum class AccountState {
  linked,
  broken,  // the grant is dead: the person must link again; the row keeps who they were
};

struct Account {
  std::string phone;  // E.164
  AccountState state = AccountState::linked;
  std::string x_user_id;
  std::string username;
  UtcTime linked_at{};
  UtcTime access_expires_at{};
  // A refresh was begun and its answer was never committed: the refresh token may be spent. Using it once
  // more tells, and costs nothing.
  bool refresh_in_flight = false;
  bool has_refresh_token = false;
  std::int64_t grant = 0;               // never 0 in a row; another number whenever the phone is linked anew
  std::string consumer_key{};           // as Credentials'
  std::optional<UtcTime> refused_at{};  // X has said since then that a 1.0a token is dead
};

// Linked, and the access token lives for at least another minute; not while a refresh is in flight, because X
// may have replaced it.
[[nodiscard]] bool bearer_valid(const Account& account, UtcTime now);
// Linked by OAuth 2.0, with a refresh token that X has not refused. One whose last use got no answer counts.
[[nodiscard]] bool refresh_valid(const Account& account);

// An account with its tokens, read at one moment.
struct OpenAccount {
  Account account;
  Credentials credentials;
};

class Accounts {
 public:
  // Both are borrowed; prepares the statements, so the table must be there (StorageError).
  Accounts(Database& db, const SecretBox& box);

  [[nodiscard]] bool user_exists(const PhoneNumber& phone);  // linked or broken
  // What bearer_valid() and refresh_valid() say of the phone's account; false without one.
  [[nodiscard]] bool bearer_valid(const PhoneNumber& phone, UtcTime now);
  [[nodiscard]] bool refresh_valid(const PhoneNumber& phone);
  // Makes the account or replaces all its credentials, atomically, as a new grant; clears `broken` and any
  // refresh in flight.
  void add_credentials(Transaction& transaction, const PhoneNumber& phone, const Credentials& credentials,
                       UtcTime now);

  [[nodiscard]] std::optional<Account> find(const PhoneNumber& phone);  // without the tokens
  // Nothing when there is no such account; Errc::denied when the key does not open its tokens.
  [[nodiscard]] Result<std::optional<OpenAccount>> open(const PhoneNumber& phone);
  // The tokens alone of open().
  [[nodiscard]] Result<std::optional<Credentials>> credentials(const PhoneNumber& phone);

  // The intent, committed before the refresh request leaves; keep_refreshed(), refresh_not_sent(), a new link
  // or mark_broken() ends it. False: the account has another grant by now, or is gone.
  [[nodiscard]] bool begin_refresh(Transaction& transaction, const PhoneNumber& phone, std::int64_t grant);
  // The request certainly did not arrive: the old refresh token is still good.
  void refresh_not_sent(Transaction& transaction, const PhoneNumber& phone, std::int64_t grant);
  // What a refresh brought, in place of the tokens it was asked for with. False, and nothing is kept: the
  // phone was linked anew or unlinked meanwhile.
  [[nodiscard]] bool keep_refreshed(Transaction& transaction, const PhoneNumber& phone, std::int64_t grant,
                                    const Credentials& credentials);
  // `grant` is dead: nothing is posted before the person links again. False, and nothing is changed: the
  // account has another grant by now, or is gone.
  bool mark_broken(Transaction& transaction, const PhoneNumber& phone, std::int64_t grant, UtcTime now);
  // X says that a 1.0a token is dead, which once is no proof. Returns since when it says so; nothing when the
  // account has another grant by now, or is gone.
  [[nodiscard]] std::optional<UtcTime> note_refusal(Transaction& transaction, const PhoneNumber& phone,
                                                    std::int64_t grant, UtcTime now);
  // X has let the token act: what it said before was an error of its own.
  void forget_refusal(Transaction& transaction, const PhoneNumber& phone, std::int64_t grant);
  // Deletes the row with its tokens; revoking them at X is the caller's matter. No account is no error.
  void remove(Transaction& transaction, const PhoneNumber& phone);
  [[nodiscard]] std::int64_t count(AccountState state);

 private:
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> sealed_refresh_token(
      const PhoneNumber& phone, const Credentials& credentials) const;

  Database& db_;
  const SecretBox& box_;
  Statement find_, open_, upsert_, begin_refresh_, end_refresh_, keep_refreshed_, break_, remove_, count_,
      refuse_, accept_;
};

}  // namespace pigeon::store
