// SQL of the pairings table; see pairings.h.
#include "store/pairings.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "store/rows.h"
#include "store/states.h"

namespace pigeon::store {
namespace {

constexpr std::size_t kStateOctets = 32;
constexpr char kBetween = ' ';  // which no token has in it

#define OPEN "state IN ('offered','started','authorised')"

std::optional<Pairing> first(Query&& query) {
  if (!query.next()) return std::nullopt;
  return pairing_of(query);
}

// Jobs about pairings wait for nobody: each is a queue of its own.
std::string queue_of(std::string_view what, std::int64_t id) {
  return std::string(what) + "/" + std::to_string(id);
}

}  // namespace

Pairings::Pairings(Database& db, const SecretBox& box, const SecretBox::Key& code_key, const Tables& tables)
    : db_(db),
      box_(box),
      code_key_(code_key),
      tables_(tables),
      find_(db, "SELECT " PAIRING_COLUMNS " FROM pairings WHERE id = ?1"),
      insert_(db,
              "INSERT INTO pairings (phone, code_hash, state, expires_at, modem, life)"
              " VALUES (?1, ?2, 'offered', ?3, ?4, ?5)"),
      by_code_(db,
               "SELECT " PAIRING_COLUMNS " FROM pairings WHERE code_hash = ?1 AND expires_at > ?2 AND " OPEN),
      start_(db, "UPDATE pairings SET oauth_state_hash = ?2, cookie_hash = ?3, verifier = ?4 WHERE id = ?1"),
      by_state_(db, "SELECT " PAIRING_COLUMNS
                    " FROM pairings WHERE oauth_state_hash = ?1 AND cookie_hash = ?2"
                    " AND expires_at > ?3 AND state = 'started' AND verifier IS NOT NULL"),
      spent_(db,
             "SELECT 1 FROM pairings WHERE oauth_state_hash = ?1 AND cookie_hash = ?2 AND expires_at > ?3"
             " AND verifier IS NULL"),
      by_cookie_(db, "SELECT " PAIRING_COLUMNS " FROM pairings WHERE cookie_hash = ?1 AND expires_at > ?2"),
      verifier_(db,
                "SELECT verifier FROM pairings WHERE id = ?1 AND state = 'started' AND verifier IS NOT NULL"),
      use_state_(db, "UPDATE pairings SET verifier = NULL WHERE id = ?1"),
      authorise_(db,
                 "UPDATE pairings SET access_token = ?2, refresh_token = ?3, access_expires_at = ?4,"
                 " scope = ?5, x_user_id = ?6, username = ?7, text_back_digest = ?8, expires_at = ?9 + life,"
                 " reminded = 0, text_back_code = ?10, consumer_key = ?11 WHERE id = ?1"),
      open_(db, "SELECT " PAIRING_COLUMNS " FROM pairings WHERE phone = ?1 AND " OPEN),
      code_(db, "SELECT text_back_code FROM pairings WHERE id = ?1 AND text_back_code IS NOT NULL"),
      by_text_back_(db, "SELECT " PAIRING_COLUMNS
                        " FROM pairings WHERE text_back_digest = ?1 AND expires_at > ?2"
                        " AND state = 'authorised'"),
      wrong_code_(db,
                  "UPDATE pairings SET wrong_codes = wrong_codes + 1 WHERE id = ?1 RETURNING wrong_codes"),
      kept_(db,
            "SELECT access_token, refresh_token, access_expires_at, scope, x_user_id, username, consumer_key"
            " FROM pairings WHERE id = ?1 AND access_token IS NOT NULL"),
      move_(db,
            "UPDATE pairings SET state = ?2, verifier = NULL, access_token = NULL, refresh_token = NULL,"
            " text_back_digest = NULL, text_back_code = NULL,"
            " oauth_state_hash = iif(?2 = 'dropped', NULL, oauth_state_hash),"
            " cookie_hash = iif(?2 = 'dropped', NULL, cookie_hash) WHERE id = ?1"),
      name_(db, "UPDATE pairings SET username = ?2 WHERE id = ?1"),
      failure_(db, "UPDATE pairings SET failure = ?2 WHERE id = ?1"),
      purge_(db,
             "DELETE FROM pairings WHERE id IN (SELECT id FROM pairings WHERE expires_at < ?1"
             " AND state <> 'authorised' ORDER BY expires_at LIMIT 100)"),
      begin_life_(db,
                  "UPDATE pairings SET expires_at = ?2 + life WHERE id = ?1 AND expires_at > ?3"
                  " AND state IN ('offered','started')"),
      remind_(db, "UPDATE pairings SET reminded = 1 WHERE id = ?1 AND reminded = 0"),
      not_reminded_(db, "UPDATE pairings SET reminded = 0 WHERE id = ?1"),
      forget_(db,
              "UPDATE pairings SET phone = '', x_user_id = '', username = '', oauth_state_hash = NULL,"
              " cookie_hash = NULL WHERE phone = ?1"),
      by_pin_(db, "UPDATE pairings SET pin = 1 WHERE id = ?1"),
      keep_token_(db, "UPDATE pairings SET verifier = ?2 WHERE id = ?1") {}

std::vector<std::uint8_t> Pairings::digest(std::string_view text_back_code) const {
  return code_key_(text_back_code);
}

std::string Pairings::row(std::int64_t id, std::string_view column) const {
  return "pairings/" + std::string(column) + "/" + std::to_string(id);
}

OfferedLink Pairings::offer_link(Transaction& transaction, const PhoneNumber& phone, std::string_view modem,
                                 milliseconds life, UtcTime now) {
  OfferedLink link;
  link.code = random_code();
  link.id = offer(transaction, phone, link.code, modem, life, now);
  return link;
}

std::int64_t Pairings::offer(Transaction& transaction, const PhoneNumber& phone, std::string_view code,
                             std::string_view modem, milliseconds life, UtcTime now) {
  if (const auto former = live(phone, UtcTime{}))
    static_cast<void>(move(transaction, former->id, PairingState::dropped, now));
  // It must not run out while its SMS may still leave.
  insert_.bind(phone.e164(), sha256(code), now + kLinkPatience + life, modem, life.count()).run(transaction);
  return transaction.last_insert_id();
}

std::int64_t Pairings::offer_pin(Transaction& transaction, const PhoneNumber& phone, std::string_view modem,
                                 milliseconds life, UtcTime now) {
  const std::int64_t id = offer(transaction, phone, random_token(kStateOctets), modem, life, now);
  by_pin_.bind(id).run(transaction);
  return id;
}

bool Pairings::await_pin(Transaction& transaction, std::int64_t id, const RequestToken& token, UtcTime now) {
  if (!move(transaction, id, PairingState::started, now)) return false;
  keep_token_.bind(id, box_.seal(token.token + kBetween + token.secret, row(id, "verifier")))
      .run(transaction);
  // By then its life has begun, if its SMS has left at once.
  const auto pairing = find(id);
  static_cast<void>(tables_.jobs.add(transaction, {.kind = JobKind::expiry,
                                                   .queue = queue_of("expiry", id),
                                                   .subject = id,
                                                   .due_at = pairing->expires_at - kLinkPatience}));
  return true;
}

Result<std::optional<RequestToken>> Pairings::request_token(std::int64_t id) {
  const auto lock = db_.lock();
  Query query = verifier_.bind(id);
  if (!query.next()) return std::optional<RequestToken>();
  auto both = box_.unseal(query.blob(0), row(id, "verifier"));
  if (!both) return pigeon::fail("pairing", both.error());
  const std::size_t between = both->find(kBetween);
  if (between == std::string::npos) return std::optional<RequestToken>();
  return std::optional(RequestToken{both->substr(0, between), both->substr(between + 1)});
}

std::optional<Pairing> Pairings::awaiting_pin(const PhoneNumber& phone, UtcTime arrived) {
  auto pairing = live(phone, arrived);
  return pairing && pairing->by_pin && pairing->state == PairingState::started ? pairing : std::nullopt;
}

void Pairings::give_up(Transaction& transaction, std::int64_t id, UtcTime now) {
  static_cast<void>(move(transaction, id, PairingState::dropped, now));
}

void Pairings::link_sent(Transaction& transaction, std::int64_t id, UtcTime now) {
  begin_life_.bind(id, now, UtcTime{}).run(transaction);
}

void Pairings::link_perhaps_sent(Transaction& transaction, std::int64_t id, UtcTime now) {
  begin_life_.bind(id, now, now).run(transaction);
}

bool Pairings::move(Transaction& transaction, std::int64_t id, PairingState to, UtcTime now) {
  const auto pairing = find(id);
  if (!pairing || !may_become(pairing->state, to)) return false;
  if (pairing->state == PairingState::authorised && to != PairingState::linked) {
    // What the key does not open cannot be revoked either.
    if (const auto kept = kept_credentials(id); kept && *kept)
      tables_.revocations.add(transaction, (*kept)->access_token, (*kept)->refresh_token, now,
                              (*kept)->consumer_key);
  }
  move_.bind(id, state_word(to)).run(transaction);
  return true;
}

void Pairings::drop(Transaction& transaction, std::int64_t id) {
  const auto pairing = find(id);
  if (pairing && (pairing->state == PairingState::offered || pairing->by_pin))
    static_cast<void>(move(transaction, id, PairingState::dropped, UtcTime{}));
}

std::optional<Pairing> Pairings::live(const PhoneNumber& phone, UtcTime now) {
  const auto lock = db_.lock();
  auto pairing = first(open_.bind(phone.e164()));
  return pairing && pairing->expires_at > now ? pairing : std::nullopt;
}

bool Pairings::remind(Transaction& transaction, std::int64_t id) {
  remind_.bind(id).run(transaction);
  return transaction.changes() == 1;
}

void Pairings::not_reminded(Transaction& transaction, std::int64_t id) {
  not_reminded_.bind(id).run(transaction);
}

std::optional<Pairing> Pairings::find_by_code(std::string_view code, UtcTime now) {
  const auto lock = db_.lock();
  return first(by_code_.bind(sha256(code), now));
}

void Pairings::start(Transaction& transaction, std::int64_t id, std::string_view oauth_state,
                     std::string_view cookie, std::string_view verifier, UtcTime now) {
  if (!move(transaction, id, PairingState::started, now)) return;
  start_.bind(id, sha256(oauth_state), sha256(cookie), box_.seal(verifier, row(id, "verifier")))
      .run(transaction);
}

std::optional<Pairing> Pairings::find_by_state(std::string_view oauth_state, std::string_view cookie,
                                               UtcTime now) {
  const auto lock = db_.lock();
  return first(by_state_.bind(sha256(oauth_state), sha256(cookie), now));
}

bool Pairings::is_spent(std::string_view oauth_state, std::string_view cookie, UtcTime now) {
  const auto lock = db_.lock();
  Query query = spent_.bind(sha256(oauth_state), sha256(cookie), now);
  return query.next();
}

std::optional<Pairing> Pairings::find_by_cookie(std::string_view cookie, UtcTime now) {
  const auto lock = db_.lock();
  return first(by_cookie_.bind(sha256(cookie), now));
}

std::optional<std::string> Pairings::take_verifier(Transaction& transaction, std::int64_t id) {
  std::vector<std::uint8_t> sealed;
  {
    Query query = verifier_.bind(id);
    if (!query.next()) return std::nullopt;
    sealed = query.blob(0);
  }
  use_state_.bind(id).run(transaction);
  auto verifier = box_.unseal(sealed, row(id, "verifier"));
  if (!verifier) return std::nullopt;
  return std::move(*verifier);
}

std::string Pairings::unused_code(Transaction&, std::string (*draw)()) {
  std::string code = draw();
  while (by_text_back_.bind(digest(code), UtcTime{}).next()) code = draw();
  return code;
}

bool Pairings::authorise(Transaction& transaction, std::int64_t id, const Credentials& credentials,
                         std::string_view text_back_code, UtcTime now) {
  if (!move(transaction, id, PairingState::authorised, now)) return false;
  std::optional<std::vector<std::uint8_t>> refresh_token;
  if (!credentials.refresh_token.empty()) {
    refresh_token = box_.seal(credentials.refresh_token, row(id, "refresh_token"));
  }
  authorise_
      .bind(id, box_.seal(credentials.access_token, row(id, "access_token")), refresh_token,
            credentials.access_expires_at, credentials.scope, credentials.x_user_id, credentials.username,
            digest(text_back_code), now, box_.seal(text_back_code, row(id, "text_back_code")),
            credentials.consumer_key)
      .run(transaction);
  const auto pairing = find(id);
  static_cast<void>(tables_.jobs.add(transaction, {.kind = JobKind::expiry,
                                                   .queue = queue_of("expiry", id),
                                                   .subject = id,
                                                   .due_at = pairing->expires_at}));
  return true;
}

std::optional<Pairing> Pairings::find(std::int64_t id) {
  const auto lock = db_.lock();
  return first(find_.bind(id));
}

Result<std::optional<std::string>> Pairings::text_back_code(std::int64_t id) {
  const auto lock = db_.lock();
  Query query = code_.bind(id);
  if (!query.next()) return std::optional<std::string>();
  auto code = box_.unseal(query.blob(0), row(id, "text_back_code"));
  if (!code) return pigeon::fail("pairing", code.error());
  return std::optional(std::move(*code));
}

std::optional<Pairing> Pairings::awaiting_text_back(const PhoneNumber& phone, UtcTime arrived) {
  auto pairing = live(phone, arrived);
  return pairing && pairing->state == PairingState::authorised ? pairing : std::nullopt;
}

std::optional<Pairing> Pairings::find_by_text_back(std::string_view code, UtcTime arrived) {
  const auto lock = db_.lock();
  return first(by_text_back_.bind(digest(code), arrived));
}

bool Pairings::count_wrong_code(Transaction& transaction, std::int64_t id, UtcTime now) {
  std::int64_t tries = 0;
  {
    Query query = wrong_code_.bind(id);
    while (query.next()) tries = query.integer(0);
  }
  if (tries < kMaxWrongCodes) return false;
  fail(transaction, id, PairingFailure::wrong_code, now);
  return true;
}

Result<void> Pairings::link(Transaction& transaction, std::int64_t id, UtcTime now) {
  auto kept = kept_credentials(id);
  if (!kept) return tl::unexpected(kept.error());
  if (!*kept) return pigeon::fail(Errc::not_found, "pairing: no credentials are kept");
  if (!link_at_once(transaction, id, **kept, now))
    return pigeon::fail(Errc::not_found, "pairing: it has ended already");
  return {};
}

bool Pairings::link_at_once(Transaction& transaction, std::int64_t id, const Credentials& credentials,
                            UtcTime now) {
  const auto pairing = find(id);
  if (!pairing) return false;
  const auto phone = PhoneNumber::parse(pairing->phone);
  if (!phone) return false;
  if (!move(transaction, id, PairingState::linked, now)) return false;
  name_.bind(id, credentials.username).run(transaction);
  tables_.accounts.add_credentials(transaction, *phone, credentials, now);
  announce(transaction, id);
  return true;
}

void Pairings::fail(Transaction& transaction, std::int64_t id, PairingFailure failure, UtcTime now) {
  if (!move(transaction, id, PairingState::failed, now)) return;
  failure_.bind(id, state_word(failure)).run(transaction);
  announce(transaction, id);
}

void Pairings::forget(Transaction& transaction, const PhoneNumber& phone, UtcTime now) {
  if (const auto open = live(phone, UtcTime{}))
    static_cast<void>(move(transaction, open->id, PairingState::dropped, now));
  forget_.bind(phone.e164()).run(transaction);
}

void Pairings::announce(Transaction& transaction, std::int64_t id) {
  static_cast<void>(tables_.jobs.add(
      transaction, {.kind = JobKind::announcement, .queue = queue_of("announcement", id), .subject = id}));
}

Result<std::optional<Credentials>> Pairings::kept_credentials(std::int64_t id) {
  const auto lock = db_.lock();
  Query query = kept_.bind(id);
  if (!query.next()) return std::optional<Credentials>();
  Credentials credentials;
  auto access = box_.unseal(query.blob(0), row(id, "access_token"));
  if (!access) return pigeon::fail("pairing", access.error());
  credentials.access_token = std::move(*access);
  if (const auto sealed = query.blob(1); !sealed.empty()) {
    auto refresh = box_.unseal(sealed, row(id, "refresh_token"));
    if (!refresh) return pigeon::fail("pairing", refresh.error());
    credentials.refresh_token = std::move(*refresh);
  }
  credentials.access_expires_at = query.time(2);
  credentials.scope = query.text(3);
  credentials.x_user_id = query.text(4);
  credentials.username = query.text(5);
  credentials.consumer_key = query.text(6);
  return std::optional(std::move(credentials));
}

bool Pairings::purge(Transaction& transaction, UtcTime before) {
  purge_.bind(before).run(transaction);
  return transaction.changes() > 0;
}

}  // namespace pigeon::store
