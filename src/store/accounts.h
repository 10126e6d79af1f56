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
  std::string refresh_token;  // empty: none granted
  UtcTime access_expires_at{};
  std::string scope;
  std::string x_user_id;
  std::string username;  // without "@"
};

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
  bool refresh_in_flight = false;  // a refresh was begun and its answer never committed
};

class Accounts {
 public:
  // Both are borrowed; prepares the statements, so the table must be there (StorageError).
  Accounts(Database& db, const SecretBox& box);

  [[nodiscard]] bool user_exists(const PhoneNumber& phone);  // linked or broken
  // Linked, and the access token lives for at least another minute.
  [[nodiscard]] bool bearer_valid(const PhoneNumber& phone, UtcTime now);
  // Linked, with a refresh token that X has not refused. One whose last use got no answer counts: using it
  // once more tells whether it was spent, and costs nothing.
  [[nodiscard]] bool refresh_valid(const PhoneNumber& phone);
  // Makes the account or replaces all its credentials, atomically; clears `broken` and any refresh in flight.
  void add_credentials(const PhoneNumber& phone, const Credentials& credentials, UtcTime now);

  [[nodiscard]] std::optional<Account> find(const PhoneNumber& phone);  // without the tokens
  // Nothing when there is no such account; Errc::denied when the key does not open them.
  [[nodiscard]] Result<std::optional<Credentials>> credentials(const PhoneNumber& phone);

  // The intent, committed before the refresh request leaves; add_credentials() or refresh_not_sent() ends it.
  void begin_refresh(const PhoneNumber& phone);
  // The request certainly did not arrive: the old refresh token is still good.
  void refresh_not_sent(const PhoneNumber& phone);
  // The grant is dead: nothing is posted before the person links again.
  void mark_broken(const PhoneNumber& phone);
  // Deletes the row with its tokens; revoking them at X is the caller's matter. No account is no error.
  void remove(const PhoneNumber& phone);
  [[nodiscard]] std::vector<Account> list();  // linked longest first

 private:
  Database& db_;
  const SecretBox& box_;
  Statement find_, tokens_, upsert_, begin_refresh_, end_refresh_, break_, remove_, list_;
};

}  // namespace pigeon::store
