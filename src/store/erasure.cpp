// Walking through the tables by id; see erasure.h.
#include "store/erasure.h"

#include <array>
#include <vector>

namespace pigeon::store {
namespace {

// What a row is to the walk, as its statement's second column says.
enum Row : std::int64_t { kNot = 0, kErased = 1, kUnderWay = 2 };

#define BEHIND(table) " FROM " table " WHERE id > ?1 ORDER BY id LIMIT ?2"

// What is held waits for a clock, and is no text of anybody yet.
constexpr const char* kParts =
    "SELECT id, CASE WHEN state NOT IN ('held','waiting') AND (sender = ?3 AND coalesce(message_id, 0) <= ?4"
    " OR EXISTS (SELECT 1 FROM inbox WHERE inbox.id = message_id AND inbox.id <= ?4 AND phone = ?3))"
    " THEN 1 ELSE 0 END" BEHIND("parts");
constexpr const char* kReplies =
    "SELECT id, CASE WHEN phone <> ?3 OR coalesce(message_id, 0) > ?4 THEN 0 WHEN open = 0 THEN 1 ELSE 2"
    " END" BEHIND("outbox");
constexpr const char* kTexts =
    "SELECT id, CASE WHEN phone <> ?3 OR id > ?4 THEN 0 WHEN ending IS NOT NULL THEN 1 ELSE 2"
    " END" BEHIND("inbox");

}  // namespace

Erasure::Erasure(Database& db)
    : parts_(db, kParts, "UPDATE parts SET sender = '', pdu = x'' WHERE id = ?1"),
      replies_(db, kReplies, "UPDATE outbox SET phone = '', text = '' WHERE id = ?1"),
      texts_(db, kTexts, "UPDATE inbox SET sender = '', phone = '', text = '' WHERE id = ?1"),
      posts_(db,
             "UPDATE posts SET phone = '', user_id = '', text = '' WHERE phone = ?1 AND message_id <= ?2"
             " AND ended_at IS NOT NULL"),
      posts_wait_(db, "SELECT 1 FROM posts WHERE phone = ?1 AND message_id <= ?2"),
      // In these words SQLite sees that the index of the waiting ones will do.
      waiting_(db,
               "UPDATE parts SET sender = '', pdu = x'', state = 'ignored' WHERE state = 'waiting'"
               " AND count IS NOT NULL AND sender = ?1"),
      jobs_(db, "DELETE FROM jobs WHERE lane = ?1 AND queue = ?2 AND set_aside = 1"),
      unreported_(db,
                  "DELETE FROM outbox_parts WHERE outbox_id = ?1"
                  " AND phone = (SELECT phone FROM outbox WHERE id = ?1)"),
      parts_of_(db,
                "UPDATE parts SET sender = '', pdu = x'' WHERE id > (SELECT max(id) FROM parts) - 1000"
                " AND message_id = ?1") {}

void Erasure::begin(Transaction& transaction, const PhoneNumber& phone) {
  waiting_.bind(phone.e164()).run(transaction);
}

Erasure::Progress Erasure::erase(Transaction& transaction, const PhoneNumber& phone, std::int64_t message) {
  const std::array<Table*, 3> tables = {&parts_, &replies_, &texts_};  // parts are found by their text
  Walk& walk = walks_[phone.e164()];
  if (walk.table == 0 && walk.behind == 0) {
    posts_.bind(phone.e164(), message).run(transaction);
    walk.waits = posts_wait_.bind(phone.e164(), message).next();
    for (const char* lane : {"local", "network"}) jobs_.bind(lane, phone.e164()).run(transaction);
  }
  Table& table = *tables.at(walk.table);
  std::vector<std::int64_t> over;
  int read = 0;
  for (Query rows = table.batch.bind(walk.behind, kMostRead, phone.e164(), message); rows.next(); ++read) {
    walk.behind = rows.integer(0);
    if (rows.integer(1) == kErased) over.push_back(walk.behind);
    walk.waits = walk.waits || rows.integer(1) == kUnderWay;
  }
  for (const std::int64_t id : over) {
    if (&table == &replies_) unreported_.bind(id).run(transaction);
    table.erase.bind(id).run(transaction);
  }
  if (read == kMostRead) return Progress::more;
  walk.behind = 0;
  if (++walk.table < tables.size()) return Progress::more;
  const bool waits = walk.waits;
  walks_.erase(phone.e164());
  return waits ? Progress::waits : Progress::over;
}

void Erasure::erase_text(Transaction& transaction, std::int64_t message) {
  parts_of_.bind(message).run(transaction);
  texts_.erase.bind(message).run(transaction);
}

}  // namespace pigeon::store
