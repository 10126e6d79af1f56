// SQL of the inbox table; see inbox.h.
#include "store/inbox.h"

#include <array>

#include "store/rows.h"
#include "store/states.h"

namespace pigeon::store {
namespace {

// Texts whose sender has no number share a queue: nobody waits for them.
constexpr const char* kNobody = "nobody";

}  // namespace

Inbox::Inbox(Database& db, Jobs& jobs)
    : db_(db),
      jobs_(jobs),
      add_(db,
           "INSERT INTO inbox (modem, sender, phone, text, sent_at, received_at, note)"
           " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
      find_(db, "SELECT " MESSAGE_COLUMNS " FROM inbox WHERE id = ?1"),
      told_(db, "UPDATE inbox SET told_saved = 1 WHERE id = ?1"),
      close_(db, "UPDATE inbox SET ending = ?2, note = ?3 WHERE id = ?1"),
      count_open_(db,
                  "SELECT coalesce((SELECT max(id) FROM inbox), 0)"
                  " - coalesce((SELECT sum(count) FROM totals WHERE name GLOB 'inbox/*'), 0)"),
      count_(db, "SELECT count FROM totals WHERE name = 'inbox/' || ?1") {}

std::int64_t Inbox::add(Transaction& transaction, const NewMessage& message) {
  add_.bind(message.modem, message.sender, message.phone, message.text, message.sent_at, message.received_at,
            message.note)
      .run(transaction);
  const std::int64_t id = transaction.last_insert_id();
  static_cast<void>(jobs_.add(
      transaction,
      {.kind = JobKind::text, .queue = message.phone.empty() ? kNobody : message.phone, .subject = id}));
  return id;
}

std::optional<Message> Inbox::find(std::int64_t id) {
  const auto lock = db_.lock();
  Query query = find_.bind(id);
  if (!query.next()) return std::nullopt;
  return message_of(query);
}

void Inbox::told_saved(Transaction& transaction, std::int64_t id) {
  told_.bind(id).run(transaction);
}

void Inbox::close(Transaction& transaction, std::int64_t id, Ending ending, std::string_view note) {
  close_.bind(id, state_word(ending), note).run(transaction);
}

std::int64_t Inbox::count_open() {
  const auto lock = db_.lock();
  Query query = count_open_.bind();
  return query.next() ? query.integer(0) : 0;
}

std::int64_t Inbox::count(Ending ending) {
  const auto lock = db_.lock();
  Query query = count_.bind(state_word(ending));
  return query.next() ? query.integer(0) : 0;
}

}  // namespace pigeon::store
