// SQL of the parts table; see parts.h.
#include "store/parts.h"

#include <algorithm>

#include "store/rows.h"
#include "store/states.h"

namespace pigeon::store {
namespace {

// What the column `reason` holds: words for whoever looks into the table, never read back.
std::string in_words(PartReason reason, std::string_view detail) {
  std::string words(state_word(reason));
  if (!detail.empty()) words.append(": ").append(detail);
  return words;
}

// NULL, all of them, where a part is a message by itself.
struct ConcatColumns {
  explicit ConcatColumns(const std::optional<Concat>& concat) {
    if (!concat) return;
    reference = concat->reference;
    wide = concat->wide ? 1 : 0;
    count = concat->count;
    number = concat->number;
  }
  std::optional<int> reference, wide, count, number;
};

#define OF_FAMILY                                                                          \
  " AND count IS NOT NULL AND sender = ?1 AND reference = ?2 AND wide = ?3 AND count = ?4" \
  " ORDER BY id DESC LIMIT 1000"

std::vector<LongPart> oldest_first(Query&& query) {
  std::vector<LongPart> parts;
  while (query.next()) parts.push_back(long_part_of(query));
  std::reverse(parts.begin(), parts.end());
  return parts;
}

}  // namespace

Parts::Parts(Database& db)
    : db_(db),
      add_(db,
           "INSERT INTO parts (modem, storage, slot, pdu, sender, sent_at, received_at, reference, wide, "
           "count,"
           " number, state, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"),
      waiting_(db, "SELECT " LONG_COLUMNS " FROM parts WHERE state = 'waiting'" OF_FAMILY),
      settled_(db, "SELECT " LONG_COLUMNS " FROM parts WHERE state IN ('joined','quarantined')" OF_FAMILY),
      overdue_(db,
               "SELECT DISTINCT sender, reference, wide, count FROM parts"
               " WHERE state = 'waiting' AND count IS NOT NULL"
               " AND max(received_at, CASE WHEN sent_at <= ?2 THEN sent_at ELSE 0 END) <= ?1 LIMIT ?3"),
      held_(db, "SELECT id FROM parts WHERE state = 'held' AND modem = ?1 ORDER BY id"),
      pdu_(db, "SELECT pdu FROM parts WHERE id = ?1"),
      quarantined_(
          db, "SELECT " KEPT_COLUMNS " FROM parts WHERE state = 'quarantined' ORDER BY id DESC LIMIT ?1"),
      kept_(db, "SELECT " KEPT_COLUMNS " FROM parts WHERE id = ?1 AND state IN ('ignored','quarantined')"),
      join_(db, "UPDATE parts SET state = 'joined', reason = '', message_id = ?2 WHERE id = ?1"),
      move_(db, "UPDATE parts SET state = ?2, reason = ?3 WHERE id = ?1"),
      describe_(db,
                "UPDATE parts SET sender = ?2, sent_at = ?3, reference = ?4, wide = ?5, count = ?6,"
                " number = ?7 WHERE id = ?1"),
      drop_(db,
            "UPDATE parts SET state = 'ignored', reason = ?2, sender = '', pdu = x''"
            " WHERE id = ?1 AND state = 'quarantined'"),
      count_held_(db, "SELECT count(*) FROM parts WHERE state = 'held'"),
      count_waiting_(db, "SELECT count(*) FROM parts WHERE state = 'waiting' AND count IS NOT NULL"),
      count_kept_(db, "SELECT count(*) FROM parts WHERE state IN ('ignored','quarantined') AND state = ?1"),
      count_reason_(db,
                    "SELECT count(*) FROM parts WHERE state IN ('ignored','quarantined') AND reason = ?1") {}

std::int64_t Parts::add(Transaction& transaction, const NewPart& part) {
  const ConcatColumns concat(part.concat);
  add_.bind(part.slot.modem, part.slot.storage, part.slot.index, part.pdu, part.sender, part.sent_at,
            part.received_at, concat.reference, concat.wide, concat.count, concat.number,
            state_word(part.state), in_words(part.reason, part.detail))
      .run(transaction);
  return transaction.last_insert_id();
}

std::vector<LongPart> Parts::waiting(const Family& family) {
  const auto lock = db_.lock();
  return oldest_first(waiting_.bind(family.sender, family.reference, family.wide, family.count));
}

std::vector<LongPart> Parts::settled(const Family& family) {
  const auto lock = db_.lock();
  return oldest_first(settled_.bind(family.sender, family.reference, family.wide, family.count));
}

std::vector<Family> Parts::overdue(UtcTime before, UtcTime now, int limit) {
  const auto lock = db_.lock();
  std::vector<Family> families;
  Query query = overdue_.bind(before, now, limit);
  while (query.next()) families.push_back(family_of(query));
  return families;
}

std::vector<std::int64_t> Parts::held(std::string_view modem) {
  const auto lock = db_.lock();
  std::vector<std::int64_t> ids;
  Query query = held_.bind(modem);
  while (query.next()) ids.push_back(query.integer(0));
  return ids;
}

std::vector<std::uint8_t> Parts::pdu(std::int64_t id) {
  const auto lock = db_.lock();
  Query query = pdu_.bind(id);
  return query.next() ? query.blob(0) : std::vector<std::uint8_t>();
}

std::vector<KeptPart> Parts::quarantined(int limit) {
  const auto lock = db_.lock();
  std::vector<KeptPart> parts;
  Query query = quarantined_.bind(limit);
  while (query.next()) parts.push_back(kept_part_of(query));
  return parts;
}

std::optional<KeptPart> Parts::kept(std::int64_t id) {
  const auto lock = db_.lock();
  Query query = kept_.bind(id);
  if (!query.next()) return std::nullopt;
  return kept_part_of(query);
}

void Parts::join(Transaction& transaction, std::int64_t id, std::int64_t message_id) {
  join_.bind(id, message_id).run(transaction);
}

void Parts::move(Transaction& transaction, std::int64_t id, PartState state, PartReason reason,
                 std::string_view detail) {
  move_.bind(id, state_word(state), in_words(reason, detail)).run(transaction);
}

void Parts::describe(Transaction& transaction, std::int64_t id, std::string_view sender, UtcTime sent_at,
                     const std::optional<Concat>& concat) {
  const ConcatColumns columns(concat);
  describe_.bind(id, sender, sent_at, columns.reference, columns.wide, columns.count, columns.number)
      .run(transaction);
}

bool Parts::drop(Transaction& transaction, std::int64_t id) {
  drop_.bind(id, state_word(PartReason::dropped)).run(transaction);
  return transaction.changes() > 0;
}

std::int64_t Parts::count(PartState state) {
  const auto lock = db_.lock();
  const auto counted = [](Query&& query) { return query.next() ? query.integer(0) : 0; };
  switch (state) {
    case PartState::held:
      return counted(count_held_.bind());
    case PartState::waiting:
      return counted(count_waiting_.bind());
    case PartState::ignored:
    case PartState::quarantined:
      return counted(count_kept_.bind(state_word(state)));
    case PartState::joined:
      break;
  }
  return 0;
}

std::int64_t Parts::count(PartReason reason) {
  const auto lock = db_.lock();
  Query query = count_reason_.bind(state_word(reason));
  return query.next() ? query.integer(0) : 0;
}

}  // namespace pigeon::store
