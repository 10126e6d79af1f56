// SQL of the accounts table; see accounts.h.
#include "store/accounts.h"

namespace pigeon::store {
namespace {

constexpr std::chrono::seconds kBearerMargin{60};  // a token about to expire is not worth a request

// Associated data of a sealed column: table, column and key.
std::string row(std::string_view column, const PhoneNumber& phone) {
  return "accounts/" + std::string(column) + "/" + phone.e164();
}

Account account_of(const Query& query) {
  Account account;
  account.phone = query.text(0);
  account.state = query.text(1) == "linked" ? AccountState::linked : AccountState::broken;
  account.x_user_id = query.text(2);
  account.username = query.text(3);
  account.linked_at = query.time(4);
  account.access_expires_at = query.time(5);
  account.refresh_in_flight = query.integer(6) != 0;
  return account;
}

#define ACCOUNT_COLUMNS "phone, state, x_user_id, username, linked_at, access_expires_at, refresh_in_flight"

}  // namespace

Accounts::Accounts(Database& db, const SecretBox& box)
    : db_(db),
      box_(box),
      find_(db, "SELECT " ACCOUNT_COLUMNS ", refresh_token IS NOT NULL FROM accounts WHERE phone = ?1"),
      tokens_(db,
              "SELECT access_token, refresh_token, access_expires_at, scope, x_user_id, username "
              "FROM accounts WHERE phone = ?1"),
      upsert_(db,
              "INSERT INTO accounts (phone, state, x_user_id, username, access_token, refresh_token,"
              " access_expires_at, scope, refresh_in_flight, linked_at)"
              " VALUES (?1, 'linked', ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8)"
              " ON CONFLICT (phone) DO UPDATE SET state = 'linked', x_user_id = ?2, username = ?3,"
              " access_token = ?4, refresh_token = ?5, access_expires_at = ?6, scope = ?7, refresh_in_flight "
              "= 0"),
      begin_refresh_(db, "UPDATE accounts SET refresh_in_flight = 1 WHERE phone = ?1"),
      end_refresh_(db, "UPDATE accounts SET refresh_in_flight = 0 WHERE phone = ?1"),
      break_(db, "UPDATE accounts SET state = 'broken' WHERE phone = ?1"),
      remove_(db, "DELETE FROM accounts WHERE phone = ?1"),
      list_(db, "SELECT " ACCOUNT_COLUMNS " FROM accounts ORDER BY linked_at") {}

bool Accounts::user_exists(const PhoneNumber& phone) {
  return find(phone).has_value();
}

bool Accounts::bearer_valid(const PhoneNumber& phone, UtcTime now) {
  const auto account = find(phone);
  return account && account->state == AccountState::linked &&
         account->access_expires_at > now + kBearerMargin;
}

bool Accounts::refresh_valid(const PhoneNumber& phone) {
  const auto lock = db_.lock();
  Query query = find_.bind(phone.e164());
  if (!query.next()) return false;
  const Account account = account_of(query);
  const bool has_token = query.integer(7) != 0;
  return account.state == AccountState::linked && has_token;
}

void Accounts::add_credentials(const PhoneNumber& phone, const Credentials& credentials, UtcTime now) {
  const auto lock = db_.lock();
  std::optional<std::vector<std::uint8_t>> refresh_token;
  if (!credentials.refresh_token.empty()) {
    refresh_token = box_.seal(credentials.refresh_token, row("refresh_token", phone));
  }
  upsert_
      .bind(phone.e164(), credentials.x_user_id, credentials.username,
            box_.seal(credentials.access_token, row("access_token", phone)), refresh_token,
            credentials.access_expires_at, credentials.scope, now)
      .run();
}

std::optional<Account> Accounts::find(const PhoneNumber& phone) {
  const auto lock = db_.lock();
  Query query = find_.bind(phone.e164());
  if (!query.next()) return std::nullopt;
  return account_of(query);
}

Result<std::optional<Credentials>> Accounts::credentials(const PhoneNumber& phone) {
  const auto lock = db_.lock();
  Query query = tokens_.bind(phone.e164());
  if (!query.next()) return std::optional<Credentials>();
  Credentials credentials;
  auto access = box_.unseal(query.blob(0), row("access_token", phone));
  if (!access) return fail("account", access.error());
  credentials.access_token = std::move(*access);
  if (const auto sealed = query.blob(1); !sealed.empty()) {
    auto refresh = box_.unseal(sealed, row("refresh_token", phone));
    if (!refresh) return fail("account", refresh.error());
    credentials.refresh_token = std::move(*refresh);
  }
  credentials.access_expires_at = query.time(2);
  credentials.scope = query.text(3);
  credentials.x_user_id = query.text(4);
  credentials.username = query.text(5);
  return std::optional(std::move(credentials));
}

void Accounts::begin_refresh(const PhoneNumber& phone) {
  const auto lock = db_.lock();
  begin_refresh_.bind(phone.e164()).run();
}

void Accounts::refresh_not_sent(const PhoneNumber& phone) {
  const auto lock = db_.lock();
  end_refresh_.bind(phone.e164()).run();
}

void Accounts::mark_broken(const PhoneNumber& phone) {
  const auto lock = db_.lock();
  break_.bind(phone.e164()).run();
}

void Accounts::remove(const PhoneNumber& phone) {
  const auto lock = db_.lock();
  remove_.bind(phone.e164()).run();
}

std::vector<Account> Accounts::list() {
  const auto lock = db_.lock();
  std::vector<Account> accounts;
  Query query = list_.bind();
  while (query.next()) accounts.push_back(account_of(query));
  return accounts;
}

}  // namespace pigeon::store
