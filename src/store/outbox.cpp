// SQL of the outbox tables; see outbox.h.
#include "store/outbox.h"

namespace pigeon::store {
namespace {

std::string_view name(ReplyState state) {
  switch (state) {
    case ReplyState::queued:
      return "queued";
    case ReplyState::sending:
      return "sending";
    case ReplyState::sent:
      return "sent";
    case ReplyState::delivered:
      return "delivered";
    case ReplyState::undelivered:
      return "undelivered";
    case ReplyState::failed:
      return "failed";
  }
  return "";
}

}  // namespace

Outbox::Outbox(Database& db)
    : db_(db),
      add_(db,
           "INSERT INTO outbox (modem, phone, text, message_id, state, due_at, created_at)"
           " VALUES (?1, ?2, ?3, ?4, 'queued', ?5, ?5)"),
      due_(
          db,
          "SELECT id, phone, text, state = 'sending', attempts, parts_sent FROM outbox"
          " WHERE modem = ?1 AND state IN ('queued','sending') AND due_at <= ?2 ORDER BY due_at, id LIMIT 1"),
      next_due_(db, "SELECT min(due_at) FROM outbox WHERE modem = ?1 AND state IN ('queued','sending')"),
      begin_(db, "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id = ?1"),
      add_part_(db,
                "INSERT INTO outbox_parts (outbox_id, number, phone, reference, sent_at, state)"
                " SELECT id, ?2, phone, ?3, ?4, 'sent' FROM outbox WHERE id = ?1"),
      part_sent_(db, "UPDATE outbox SET parts_sent = ?2 WHERE id = ?1"),
      sent_(db, "UPDATE outbox SET state = 'sent', sent_at = ?2 WHERE id = ?1"),
      postpone_(db, "UPDATE outbox SET state = 'queued', due_at = ?2, error = ?3 WHERE id = ?1"),
      failed_(db, "UPDATE outbox SET state = 'failed', error = ?2 WHERE id = ?1"),
      find_part_(db,
                 "SELECT id, outbox_id FROM outbox_parts"
                 " WHERE phone = ?1 AND reference = ?2 AND state = 'sent' ORDER BY id DESC LIMIT 1"),
      report_part_(db, "UPDATE outbox_parts SET state = ?2 WHERE id = ?1"),
      // A reply is delivered when all its parts are, undelivered as soon as one is.
      report_(db,
              "UPDATE outbox SET state = CASE"
              " WHEN EXISTS (SELECT 1 FROM outbox_parts WHERE outbox_id = ?1 AND state = 'undelivered')"
              " THEN 'undelivered'"
              " WHEN EXISTS (SELECT 1 FROM outbox_parts WHERE outbox_id = ?1 AND state = 'sent') THEN state"
              " ELSE 'delivered' END WHERE id = ?1 AND state IN ('sent','delivered')"),
      count_(db, "SELECT count(*) FROM outbox WHERE state = ?1") {}

std::int64_t Outbox::add(const NewReply& reply, UtcTime now) {
  const auto lock = db_.lock();
  add_.bind(reply.modem, reply.phone, reply.text, reply.message_id, now).run();
  return db_.last_insert_id();
}

std::optional<Reply> Outbox::due(std::string_view modem, UtcTime now) {
  const auto lock = db_.lock();
  Query query = due_.bind(modem, now);
  if (!query.next()) return std::nullopt;
  Reply reply;
  reply.id = query.integer(0);
  reply.phone = query.text(1);
  reply.text = query.text(2);
  reply.state = query.integer(3) != 0 ? ReplyState::sending : ReplyState::queued;
  reply.attempts = static_cast<int>(query.integer(4));
  reply.parts_sent = static_cast<int>(query.integer(5));
  return reply;
}

std::optional<UtcTime> Outbox::next_due(std::string_view modem) {
  const auto lock = db_.lock();
  Query query = next_due_.bind(modem);
  return query.next() ? query.maybe_time(0) : std::nullopt;
}

void Outbox::begin_sending(std::int64_t id) {
  const auto lock = db_.lock();
  begin_.bind(id).run();
}

void Outbox::part_sent(std::int64_t id, int number, int reference, UtcTime now) {
  const auto lock = db_.lock();
  add_part_.bind(id, number, reference, now).run();
  part_sent_.bind(id, number).run();
}

void Outbox::sent(std::int64_t id, UtcTime now) {
  const auto lock = db_.lock();
  sent_.bind(id, now).run();
}

void Outbox::postpone(std::int64_t id, UtcTime due_at, std::string_view error) {
  const auto lock = db_.lock();
  postpone_.bind(id, due_at, error).run();
}

void Outbox::failed(std::int64_t id, std::string_view error) {
  const auto lock = db_.lock();
  failed_.bind(id, error).run();
}

bool Outbox::report(std::string_view phone, int reference, bool delivered) {
  Transaction transaction(db_);
  std::int64_t part = 0;
  std::int64_t reply = 0;
  {
    Query query = find_part_.bind(phone, reference);
    if (!query.next()) return false;
    part = query.integer(0);
    reply = query.integer(1);
  }
  report_part_.bind(part, name(delivered ? ReplyState::delivered : ReplyState::undelivered)).run();
  report_.bind(reply).run();
  transaction.commit();
  return true;
}

std::int64_t Outbox::count(ReplyState state) {
  const auto lock = db_.lock();
  Query query = count_.bind(name(state));
  return query.next() ? query.integer(0) : 0;
}

}  // namespace pigeon::store
