// SQL of the accounts table; see accounts.h.
#include "store/accounts.h"

#include "base/crypto.h"
#include "store/rows.h"
#include "store/states.h"

namespace pigeon::store {
namespace {

constexpr std::chrono::seconds kBearerMargin{60};  // a token about to expire is not worth a request

// Associated data of a sealed column: table, column and key.
std::string row(std::string_view column, const PhoneNumber& phone) {
  return "accounts/" + std::string(column) + "/" + phone.e164();
}

// Random, so that a number does not come back after STOP has deleted its row.
std::int64_t new_grant() {
  std::int64_t grant = 0;
  for (const std::uint8_t octet : random_octets(7)) grant = grant << 8 | octet;
  return grant == 0 ? 1 : grant;
}

}  // namespace

bool bearer_valid(const Account& account, UtcTime now) {
  return account.state == AccountState::linked && !account.refresh_in_flight &&
         account.access_expires_at > now + kBearerMargin;
}

bool refresh_valid(const Account& account) {
  return account.state == AccountState::linked && account.has_refresh_token && account.consumer_key.empty();
}

Accounts::Accounts(Database& db, const SecretBox& box)
    : db_(db),
      box_(box),
      find_(db, "SELECT " ACCOUNT_COLUMNS " FROM accounts WHERE phone = ?1"),
      open_(db,
            "SELECT " ACCOUNT_COLUMNS ", access_token, refresh_token, scope FROM accounts WHERE phone = ?1"),
      upsert_(db,
              "INSERT INTO accounts (phone, state, x_user_id, username, access_token, refresh_token,"
              " access_expires_at, scope, refresh_in_flight, linked_at, grant, consumer_key)"
              " VALUES (?1, 'linked', ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10)"
              " ON CONFLICT (phone) DO UPDATE SET state = 'linked', x_user_id = ?2, username = ?3,"
              " access_token = ?4, refresh_token = ?5, access_expires_at = ?6, scope = ?7,"
              " broken_at = NULL, refresh_in_flight = 0, grant = ?9, consumer_key = ?10, refused_at = NULL"),
      begin_refresh_(db, "UPDATE accounts SET refresh_in_flight = 1 WHERE phone = ?1 AND grant = ?2"),
      end_refresh_(db, "UPDATE accounts SET refresh_in_flight = 0 WHERE phone = ?1 AND grant = ?2"),
      keep_refreshed_(db,
                      "UPDATE accounts SET access_token = ?3, refresh_token = ?4, access_expires_at = ?5,"
                      " scope = ?6, refresh_in_flight = 0 WHERE phone = ?1 AND grant = ?2"),
      break_(
          db,
          "UPDATE accounts SET state = 'broken', broken_at = coalesce(broken_at, ?3), refresh_in_flight = 0"
          " WHERE phone = ?1 AND grant = ?2"),
      remove_(db, "DELETE FROM accounts WHERE phone = ?1"),
      count_(db, "SELECT count FROM totals WHERE name = 'accounts/' || ?1"),
      refuse_(db,
              "UPDATE accounts SET refused_at = coalesce(refused_at, ?3) WHERE phone = ?1 AND grant = ?2"
              " RETURNING refused_at"),
      accept_(db, "UPDATE accounts SET refused_at = NULL WHERE phone = ?1 AND grant = ?2") {}

bool Accounts::user_exists(const PhoneNumber& phone) {
  return find(phone).has_value();
}

bool Accounts::bearer_valid(const PhoneNumber& phone, UtcTime now) {
  const auto account = find(phone);
  return account && store::bearer_valid(*account, now);
}

bool Accounts::refresh_valid(const PhoneNumber& phone) {
  const auto account = find(phone);
  return account && store::refresh_valid(*account);
}

// Nothing when none was granted.
std::optional<std::vector<std::uint8_t>> Accounts::sealed_refresh_token(
    const PhoneNumber& phone, const Credentials& credentials) const {
  if (credentials.refresh_token.empty()) return std::nullopt;
  return box_.seal(credentials.refresh_token, row("refresh_token", phone));
}

void Accounts::add_credentials(Transaction& transaction, const PhoneNumber& phone,
                               const Credentials& credentials, UtcTime now) {
  upsert_
      .bind(phone.e164(), credentials.x_user_id, credentials.username,
            box_.seal(credentials.access_token, row("access_token", phone)),
            sealed_refresh_token(phone, credentials), credentials.access_expires_at, credentials.scope, now,
            new_grant(), credentials.consumer_key)
      .run(transaction);
}

std::optional<Account> Accounts::find(const PhoneNumber& phone) {
  const auto lock = db_.lock();
  Query query = find_.bind(phone.e164());
  if (!query.next()) return std::nullopt;
  return account_of(query);
}

Result<std::optional<OpenAccount>> Accounts::open(const PhoneNumber& phone) {
  const auto lock = db_.lock();
  Query query = open_.bind(phone.e164());
  if (!query.next()) return std::optional<OpenAccount>();
  OpenAccount open{account_of(query), {}};
  Credentials& credentials = open.credentials;
  auto access = box_.unseal(query.blob(11), row("access_token", phone));
  if (!access) return fail("account", access.error());
  credentials.access_token = std::move(*access);
  if (const auto sealed = query.blob(12); !sealed.empty()) {
    auto refresh = box_.unseal(sealed, row("refresh_token", phone));
    if (!refresh) return fail("account", refresh.error());
    credentials.refresh_token = std::move(*refresh);
  }
  credentials.access_expires_at = open.account.access_expires_at;
  credentials.scope = query.text(13);
  credentials.x_user_id = open.account.x_user_id;
  credentials.username = open.account.username;
  credentials.consumer_key = open.account.consumer_key;
  return std::optional(std::move(open));
}

Result<std::optional<Credentials>> Accounts::credentials(const PhoneNumber& phone) {
  auto open = this->open(phone);
  if (!open) return tl::unexpected(open.error());
  if (!*open) return std::optional<Credentials>();
  return std::optional(std::move((*open)->credentials));
}

bool Accounts::begin_refresh(Transaction& transaction, const PhoneNumber& phone, std::int64_t grant) {
  begin_refresh_.bind(phone.e164(), grant).run(transaction);
  return transaction.changes() == 1;
}

void Accounts::refresh_not_sent(Transaction& transaction, const PhoneNumber& phone, std::int64_t grant) {
  end_refresh_.bind(phone.e164(), grant).run(transaction);
}

bool Accounts::keep_refreshed(Transaction& transaction, const PhoneNumber& phone, std::int64_t grant,
                              const Credentials& credentials) {
  keep_refreshed_
      .bind(phone.e164(), grant, box_.seal(credentials.access_token, row("access_token", phone)),
            sealed_refresh_token(phone, credentials), credentials.access_expires_at, credentials.scope)
      .run(transaction);
  return transaction.changes() == 1;
}

bool Accounts::mark_broken(Transaction& transaction, const PhoneNumber& phone, std::int64_t grant,
                           UtcTime now) {
  break_.bind(phone.e164(), grant, now).run(transaction);
  return transaction.changes() == 1;
}

std::optional<UtcTime> Accounts::note_refusal(Transaction&, const PhoneNumber& phone, std::int64_t grant,
                                              UtcTime now) {
  std::optional<UtcTime> since;
  Query query = refuse_.bind(phone.e164(), grant, now);
  while (query.next()) since = query.time(0);
  return since;
}

void Accounts::forget_refusal(Transaction& transaction, const PhoneNumber& phone, std::int64_t grant) {
  accept_.bind(phone.e164(), grant).run(transaction);
}

void Accounts::remove(Transaction& transaction, const PhoneNumber& phone) {
  remove_.bind(phone.e164()).run(transaction);
}

std::int64_t Accounts::count(AccountState state) {
  const auto lock = db_.lock();
  Query query = count_.bind(state_word(state));
  return query.next() ? query.integer(0) : 0;
}

}  // namespace pigeon::store
