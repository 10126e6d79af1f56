// Walking through the tables by id, which is by age; see retention.h.
#include "store/retention.h"

#include <vector>

namespace pigeon::store {
namespace {

// Rows in the order of their ids, never the last one.
#define BEHIND(table) \
  " FROM " table " WHERE id > ?1 AND id < (SELECT max(id) FROM " table ") ORDER BY id LIMIT ?2"

constexpr const char* kReplies = "SELECT id, created_at, open = 0" BEHIND("outbox");
constexpr const char* kPosts = "SELECT id, ended_at, ended_at IS NOT NULL" BEHIND("posts");
// The parts of a text go before it, and none of an open one. What is held waits for a clock.
constexpr const char* kParts =
    "SELECT id, received_at, state <> 'held' AND NOT (state = 'joined' AND EXISTS (SELECT 1 FROM inbox"
    " WHERE inbox.id = message_id AND ending IS NULL))" BEHIND("parts");
constexpr const char* kTexts = "SELECT id, received_at, ending IS NOT NULL" BEHIND("inbox");

}  // namespace

Retention::Retention(Database& db)
    : replies_(db, kReplies, "DELETE FROM outbox WHERE id = ?1"),
      posts_(db, kPosts, "DELETE FROM posts WHERE id = ?1"),
      parts_(db, kParts, "DELETE FROM parts WHERE id = ?1"),
      texts_(db, kTexts, "DELETE FROM inbox WHERE id = ?1"),
      unreported_(db,
                  "DELETE FROM outbox_parts WHERE outbox_id = ?1"
                  " AND phone = (SELECT phone FROM outbox WHERE id = ?1)") {}

bool Retention::prune(Transaction& transaction, UtcTime before, UtcTime now, Posts posts) {
  int left = kMostDeleted;
  left -= prune(transaction, replies_, before, now, left);
  if (posts == Posts::too) left -= prune(transaction, posts_, before, now, left);
  left -= prune(transaction, parts_, before, now, left);
  left -= prune(transaction, texts_, before, now, left);
  for (Table* table : {&replies_, &posts_, &parts_, &texts_})
    if (left > 0 && table->behind != 0) return true;  // read as far as a batch goes, and not to its end
  return left <= 0;
}

// How many were deleted.
int Retention::prune(Transaction& transaction, Table& table, UtcTime before, UtcTime now, int most) {
  if (most <= 0) return 0;
  std::vector<std::int64_t> over;
  int read = 0;
  std::int64_t last = table.behind;
  bool young = false;
  for (Query rows = table.oldest.bind(table.behind, kMostRead); rows.next();) {
    const bool may_go = rows.integer(2) != 0;
    const UtcTime ended = rows.time(1);
    young = may_go && ended >= before && ended <= now;  // and so are all behind it
    if (young) break;
    ++read;
    last = rows.integer(0);
    // What a clock that was wrong has dated in the future keeps nobody behind it.
    if (may_go && ended < before) over.push_back(last);
    if (over.size() == static_cast<std::size_t>(most)) break;
  }
  for (const std::int64_t id : over) {
    if (&table == &replies_) unreported_.bind(id).run(transaction);
    table.remove.bind(id).run(transaction);
  }
  const bool goes_on = !young && (read == kMostRead || over.size() == static_cast<std::size_t>(most));
  table.behind = goes_on ? last : 0;
  return static_cast<int>(over.size());
}

}  // namespace pigeon::store
