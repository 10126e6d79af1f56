// SQL of the inbox and posts tables; see inbox.h.
#include "store/inbox.h"

namespace pigeon::store {
namespace {

std::string_view name(MessageState state) {
  switch (state) {
    case MessageState::received:
      return "received";
    case MessageState::posting:
      return "posting";
    case MessageState::waiting:
      return "waiting";
    case MessageState::posted:
      return "posted";
    case MessageState::answered:
      return "answered";
    case MessageState::refused:
      return "refused";
    case MessageState::ignored:
      return "ignored";
  }
  return "";
}

MessageState state_of(std::string_view text) {
  for (const MessageState state : {MessageState::received, MessageState::posting, MessageState::waiting,
                                   MessageState::posted, MessageState::answered, MessageState::refused}) {
    if (name(state) == text) return state;
  }
  return MessageState::ignored;
}

#define MESSAGE_COLUMNS "id, modem, sender, phone, text, state, received_at, attempts, told_saved"

Message message_of(const Query& query) {
  Message message;
  message.id = query.integer(0);
  message.modem = query.text(1);
  message.sender = query.text(2);
  message.phone = query.text(3);
  message.text = query.text(4);
  message.state = state_of(query.text(5));
  message.received_at = query.time(6);
  message.attempts = static_cast<int>(query.integer(7));
  message.told_saved = query.integer(8) != 0;
  return message;
}

}  // namespace

Inbox::Inbox(Database& db)
    : db_(db),
      add_(db,
           "INSERT INTO inbox (modem, sender, phone, text, sent_at, received_at, state, due_at)"
           " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'received', ?6)"),
      due_(db, "SELECT " MESSAGE_COLUMNS
               " FROM inbox AS m WHERE state IN ('received','posting','waiting') AND due_at <= ?1"
               " AND NOT EXISTS (SELECT 1 FROM inbox AS older WHERE older.phone = m.phone AND older.id < m.id"
               "  AND older.state IN ('received','posting','waiting'))"
               " ORDER BY due_at LIMIT ?2"),
      next_due_(db,
                "SELECT min(due_at) FROM inbox AS m WHERE state IN ('received','posting','waiting')"
                " AND due_at > ?1 AND NOT EXISTS (SELECT 1 FROM inbox AS older WHERE older.phone = m.phone"
                "  AND older.id < m.id AND older.state IN ('received','posting','waiting'))"),
      find_(db, "SELECT " MESSAGE_COLUMNS " FROM inbox WHERE id = ?1"),
      begin_(db, "UPDATE inbox SET state = 'posting', attempts = attempts + 1 WHERE id = ?1"),
      begin_post_(db,
                  "INSERT INTO posts (message_id, phone, x_user_id, state, started_at)"
                  " SELECT id, phone, ?2, 'posting', ?3 FROM inbox WHERE id = ?1"
                  " ON CONFLICT (message_id) DO UPDATE SET x_user_id = ?2, started_at = ?3"),
      posted_(db, "UPDATE inbox SET state = 'posted' WHERE id = ?1"),
      posted_post_(db,
                   "UPDATE posts SET state = 'posted', x_post_id = ?2, posted_at = ?3 WHERE message_id = ?1"),
      postpone_(db, "UPDATE inbox SET due_at = ?2, state = ?3 WHERE id = ?1"),
      told_(db, "UPDATE inbox SET told_saved = 1 WHERE id = ?1"),
      finish_(db, "UPDATE inbox SET state = ?2, note = ?3 WHERE id = ?1"),
      drop_post_(db, "UPDATE posts SET state = 'refused' WHERE message_id = ?1 AND state = 'posting'"),
      count_(db, "SELECT count(*) FROM inbox WHERE state = ?1") {}

std::int64_t Inbox::add(const NewMessage& message) {
  const auto lock = db_.lock();
  add_.bind(message.modem, message.sender, message.phone, message.text, message.sent_at, message.received_at)
      .run();
  return db_.last_insert_id();
}

std::vector<Message> Inbox::due(UtcTime now, int limit) {
  const auto lock = db_.lock();
  std::vector<Message> messages;
  Query query = due_.bind(now, limit);
  while (query.next()) messages.push_back(message_of(query));
  return messages;
}

std::optional<UtcTime> Inbox::next_due(UtcTime now) {
  const auto lock = db_.lock();
  Query query = next_due_.bind(now);
  return query.next() ? query.maybe_time(0) : std::nullopt;
}

std::optional<Message> Inbox::find(std::int64_t id) {
  const auto lock = db_.lock();
  Query query = find_.bind(id);
  if (!query.next()) return std::nullopt;
  return message_of(query);
}

void Inbox::begin_posting(std::int64_t id, std::string_view x_user_id, UtcTime now) {
  Transaction transaction(db_);
  begin_.bind(id).run();
  begin_post_.bind(id, x_user_id, now).run();
  transaction.commit();
}

void Inbox::posted(std::int64_t id, std::string_view post_id, UtcTime now) {
  const auto lock = db_.lock();
  posted_.bind(id).run();
  posted_post_.bind(id, post_id, now).run();
}

void Inbox::postpone(std::int64_t id, UtcTime due_at, bool sent) {
  const auto lock = db_.lock();
  postpone_.bind(id, due_at, name(sent ? MessageState::posting : MessageState::waiting)).run();
}

void Inbox::told_saved(std::int64_t id) {
  const auto lock = db_.lock();
  told_.bind(id).run();
}

void Inbox::finish(std::int64_t id, MessageState state, std::string_view note) {
  const auto lock = db_.lock();
  finish_.bind(id, name(state), note).run();
  drop_post_.bind(id).run();
}

std::int64_t Inbox::count(MessageState state) {
  const auto lock = db_.lock();
  Query query = count_.bind(name(state));
  return query.next() ? query.integer(0) : 0;
}

}  // namespace pigeon::store
