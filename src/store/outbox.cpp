// SQL of the outbox tables; see outbox.h.
#include "store/outbox.h"

#include <array>
#include <limits>
#include <utility>

#include "store/rows.h"
#include "store/states.h"

namespace pigeon::store {
namespace {

// Whether the budgets are asked: what ends or makes a link is always confirmed.
bool may_be_held_back(ReplyKind kind) {
  switch (kind) {
    case ReplyKind::answer:
    case ReplyKind::link:
    case ReplyKind::saved:
    case ReplyKind::outcome:
      return true;
    case ReplyKind::announcement:
    case ReplyKind::stop:
      return false;
  }
  return true;
}

std::vector<UnsentReply> all_unsent(Query&& query) {
  std::vector<UnsentReply> replies;
  while (query.next()) replies.push_back(unsent_reply_of(query));
  return replies;
}

// Open rows of a modem that no older open one of the same person holds.
#define HEADS                                                                  \
  " FROM outbox AS r WHERE modem = ?1 AND open = 1"                            \
  " AND NOT EXISTS (SELECT 1 FROM outbox AS older WHERE older.modem = r.modem" \
  "  AND older.phone = r.phone AND older.id < r.id AND older.open = 1)"

}  // namespace

Outbox::Outbox(Database& db, Pairings& pairings, Budgets& budgets, OptOuts& opt_outs)
    : db_(db),
      pairings_(pairings),
      budgets_(budgets),
      opt_outs_(opt_outs),
      add_(db,
           "INSERT INTO outbox (modem, phone, text, message_id, kind, pairing_id, state, due_at, created_at,"
           " expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'queued', ?7, ?7, ?8)"),
      due_(db, "SELECT " REPLY_COLUMNS HEADS " AND due_at <= ?2 ORDER BY due_at, id LIMIT 1"),
      next_due_(db, "SELECT due_at" HEADS " ORDER BY due_at LIMIT 1"),
      next_stale_(
          db, "SELECT min(expires_at) FROM outbox WHERE modem = ?1 AND state = 'queued' AND kind = 'link'"),
      saved_(db,
             "SELECT id FROM outbox WHERE modem = ?1 AND phone = ?2 AND open = 1 AND state = 'queued'"
             " AND kind = 'saved' AND message_id = ?3 AND parts_sent = 0"),
      // RETURNING, like a list of three, would make a table of its own for each run.
      pairing_(db, "SELECT pairing_id FROM outbox WHERE id = ?1 AND parts_unclear <= ?2"),
      stale_links_(
          db,
          "SELECT id, CASE parts_unclear WHEN 0 THEN pairing_id END FROM outbox INDEXED BY outbox_links"
          " WHERE modem = ?1 AND state = 'queued' AND kind = 'link'"
          " AND (expires_at <= ?2 OR NOT EXISTS (SELECT 1 FROM pairings WHERE pairings.id = pairing_id"
          " AND pairings.state IN ('offered','started','authorised')))"),
      drop_(db, "UPDATE outbox SET state = 'dropped', open = 0, error = ?2 WHERE id = ?1"),
      begin_(db, "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id = ?1"),
      add_part_(db,
                "INSERT OR REPLACE INTO outbox_parts (phone, outbox_id, number, reference)"
                " SELECT phone, id, ?2, ?3 FROM outbox WHERE id = ?1"),
      part_sent_(db, "UPDATE outbox SET state = 'queued', parts_sent = ?2 WHERE id = ?1"),
      part_unclear_(db,
                    "UPDATE outbox SET state = 'queued', parts_sent = ?2, parts_unclear = parts_unclear + 1,"
                    " error = ?3, sent_at = ?4 WHERE id = ?1"),
      sent_(db,
            "UPDATE outbox SET state = CASE parts_unclear WHEN 0 THEN 'sent' ELSE 'unclear' END, open = 0,"
            " sent_at = ?2 WHERE id = ?1"),
      postpone_(db,
                "UPDATE outbox SET state = 'queued', due_at = ?2, error = ?3, refused = refused + ?4,"
                " unplugged = unplugged + ?5 WHERE id = ?1"),
      failed_(db, "UPDATE outbox SET state = 'failed', open = 0, error = ?2 WHERE id = ?1"),
      unclear_link_(db, "SELECT 1 FROM outbox WHERE phone = ?1 AND parts_unclear > 0 AND pairing_id = ?2"),
      due_at_(db, "SELECT due_at FROM outbox WHERE id = ?1"),
      count_open_(db, "SELECT count(*) FROM outbox WHERE open = 1 AND state = ?1"),
      count_sent_(db,
                  "SELECT coalesce((SELECT max(id) FROM outbox), 0)"
                  " - (SELECT count(*) FROM outbox WHERE open = 1)"
                  " - coalesce((SELECT sum(count) FROM totals WHERE name GLOB 'outbox/*'), 0)"),
      count_ended_(db, "SELECT count FROM totals WHERE name = 'outbox/' || ?1"),
      open_(db, "SELECT " UNSENT_COLUMNS
                " FROM outbox INDEXED BY outbox_open WHERE open = 1 ORDER BY modem, due_at LIMIT ?1"),
      unsent_failed_(db, "SELECT " UNSENT_COLUMNS
                         " FROM outbox WHERE id > (SELECT max(id) FROM outbox) - 1000 AND state = 'failed'"
                         " ORDER BY id DESC LIMIT ?1"),
      unclear_(db, "SELECT " UNSENT_COLUMNS
                   " FROM outbox WHERE id > (SELECT max(id) FROM outbox) - 1000 AND state = 'unclear'"
                   " AND sent_at > ?2 ORDER BY id DESC LIMIT ?1"),
      unsent_(db, "SELECT " UNSENT_COLUMNS
                  " FROM outbox WHERE id = ?1 AND state IN ('queued','sending','unclear','failed')"),
      uncount_(db,
               "UPDATE totals SET count = count - 1"
               " WHERE name = (SELECT 'outbox/' || state FROM outbox WHERE id = ?1)"),
      move_(db,
            "UPDATE outbox SET modem = ?2, due_at = ?3, state = 'queued', open = 1, parts_unclear = 0,"
            " refused = 0, unplugged = 0, parts_sent = 0, parts_delivered = 0, parts_undelivered = 0"
            " WHERE id = ?1"),
      forget_parts_(db,
                    "DELETE FROM outbox_parts WHERE outbox_id = ?1"
                    " AND phone = (SELECT phone FROM outbox WHERE id = ?1)") {}

bool Outbox::answer(Transaction& transaction, const NewReply& reply, std::string_view words, bool linked,
                    UtcTime now) {
  drop_saved(transaction, reply);  // first, so that it is not counted beside its outcome
  const bool asked = may_be_held_back(reply.kind);
  const auto phone = PhoneNumber::parse(reply.phone);
  const bool silent = phone && !reply.despite_stop && opt_outs_.contains(*phone);
  if (silent ||
      (asked && (!phone || !budgets_.allows(transaction, *phone, linked, words, now, reply.message_id)))) {
    if (reply.pairing_id) pairings_.drop(transaction, *reply.pairing_id);
    if (reply.reminds) pairings_.not_reminded(transaction, *reply.reminds);
    return false;
  }
  const std::int64_t id = insert(transaction, reply, now);
  if (asked) budgets_.spend(transaction, id, *phone, linked, words, now, reply.message_id);
  return true;
}

std::int64_t Outbox::add(Transaction& transaction, const NewReply& reply, UtcTime now) {
  drop_saved(transaction, reply);
  return insert(transaction, reply, now);
}

std::int64_t Outbox::insert(Transaction& transaction, const NewReply& reply, UtcTime now) {
  std::optional<UtcTime> expires_at;
  if (reply.kind == ReplyKind::link) expires_at = now + kLinkPatience;
  add_.bind(reply.modem, reply.phone, reply.text, reply.message_id, state_word(reply.kind), reply.pairing_id,
            now, expires_at)
      .run(transaction);
  return transaction.last_insert_id();
}

// "Saved. …" behind "Posted: …" would only puzzle, and costs an SMS.
void Outbox::drop_saved(Transaction& transaction, const NewReply& outcome) {
  if (outcome.kind != ReplyKind::outcome || !outcome.message_id) return;
  std::vector<std::int64_t> dropped;
  {
    Query query = saved_.bind(outcome.modem, outcome.phone, *outcome.message_id);
    while (query.next()) dropped.push_back(query.integer(0));
  }
  for (const std::int64_t id : dropped) {
    drop_.bind(id, "its outcome came first").run(transaction);
    budgets_.give_back(transaction, id);
  }
}

std::optional<Reply> Outbox::due(std::string_view modem, UtcTime now) {
  const auto lock = db_.lock();
  Query query = due_.bind(modem, now);
  if (!query.next()) return std::nullopt;
  return reply_of(query);
}

std::optional<UtcTime> Outbox::next_due(std::string_view modem) {
  const auto lock = db_.lock();
  Query due = next_due_.bind(modem), stale = next_stale_.bind(modem);  // both open: SQLite locks once
  std::optional<UtcTime> next;
  for (Query* query : {&due, &stale}) {
    const auto at = query->next() ? query->maybe_time(0) : std::nullopt;
    if (at && (!next || *at < *next)) next = at;
  }
  return next;
}

std::optional<std::int64_t> Outbox::pairing_of(std::int64_t id, Unclear unclear) {
  constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();
  Query query = pairing_.bind(id, unclear == Unclear::too ? kAny : 0);
  return query.next() ? query.maybe_integer(0) : std::nullopt;
}

int Outbox::drop_stale_links(Transaction& transaction, std::string_view modem, UtcTime now) {
  std::vector<std::pair<std::int64_t, std::optional<std::int64_t>>> dropped;
  {
    Query query = stale_links_.bind(modem, now);
    while (query.next()) dropped.emplace_back(query.integer(0), query.maybe_integer(1));
  }
  for (const auto& [id, pairing] : dropped) {
    drop_.bind(id, "not sent in time").run(transaction);
    budgets_.give_back(transaction, id);
    if (pairing) pairings_.drop(transaction, *pairing);
  }
  return static_cast<int>(dropped.size());
}

void Outbox::begin_sending(Transaction& transaction, std::int64_t id) {
  begin_.bind(id).run(transaction);
}

void Outbox::part_sent(Transaction& transaction, std::int64_t id, int number, int reference) {
  add_part_.bind(id, number, reference).run(transaction);
  part_sent_.bind(id, number).run(transaction);
}

void Outbox::part_unclear(Transaction& transaction, std::int64_t id, int number, std::string_view error,
                          UtcTime now) {
  part_unclear_.bind(id, number, error, now).run(transaction);
  if (const auto pairing = pairing_of(id, Unclear::too))
    pairings_.link_perhaps_sent(transaction, *pairing, now);
}

void Outbox::sent(Transaction& transaction, std::int64_t id, UtcTime now) {
  sent_.bind(id, now).run(transaction);
  if (const auto pairing = pairing_of(id, Unclear::not_these))
    pairings_.link_sent(transaction, *pairing, now);
}

void Outbox::postpone(Transaction& transaction, std::int64_t id, Setback why, UtcTime due_at,
                      std::string_view error) {
  postpone_.bind(id, due_at, error, why == Setback::refused, why == Setback::unplugged).run(transaction);
}

void Outbox::failed(Transaction& transaction, std::int64_t id, std::string_view error) {
  failed_.bind(id, error).run(transaction);
  if (const auto pairing = pairing_of(id, Unclear::not_these)) pairings_.drop(transaction, *pairing);
}

std::vector<UnsentReply> Outbox::open(int limit) {
  const auto lock = db_.lock();
  return all_unsent(open_.bind(limit));
}

std::vector<UnsentReply> Outbox::failed(int limit) {
  const auto lock = db_.lock();
  return all_unsent(unsent_failed_.bind(limit));
}

std::vector<UnsentReply> Outbox::unclear(int limit, UtcTime now) {
  const auto lock = db_.lock();
  return all_unsent(unclear_.bind(limit, now - kUnclearLife));
}

std::optional<UnsentReply> Outbox::unsent(std::int64_t id) {
  const auto lock = db_.lock();
  Query query = unsent_.bind(id);
  if (!query.next()) return std::nullopt;
  return unsent_reply_of(query);
}

void Outbox::move(Transaction& transaction, std::int64_t id, std::string_view modem, UtcTime now) {
  uncount_.bind(id).run(transaction);
  forget_parts_.bind(id).run(transaction);
  move_.bind(id, modem, now).run(transaction);
}

void Outbox::drop(Transaction& transaction, std::int64_t id) {
  drop_.bind(id, "dropped by the operator").run(transaction);
  budgets_.give_back(transaction, id);
  if (const auto pairing = pairing_of(id, Unclear::not_these)) pairings_.drop(transaction, *pairing);
}

bool Outbox::link_is_unclear(std::string_view phone, std::int64_t pairing) {
  const auto lock = db_.lock();
  return unclear_link_.bind(phone, pairing).next();
}

std::optional<UtcTime> Outbox::due_at(std::int64_t id) {
  const auto lock = db_.lock();
  Query query = due_at_.bind(id);
  return query.next() ? query.maybe_time(0) : std::nullopt;
}

std::int64_t Outbox::count(ReplyState state) {
  const auto lock = db_.lock();
  const auto counted = [](Query&& query) { return query.next() ? query.integer(0) : 0; };
  switch (state) {
    case ReplyState::queued:
    case ReplyState::sending:
      return counted(count_open_.bind(state_word(state)));
    case ReplyState::sent:
      return counted(count_sent_.bind());
    case ReplyState::unclear:
    case ReplyState::delivered:
    case ReplyState::undelivered:
    case ReplyState::failed:
    case ReplyState::dropped:
      break;
  }
  return counted(count_ended_.bind(state_word(state)));
}

}  // namespace pigeon::store
