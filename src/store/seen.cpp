// SQL of the tables seen and slots; see seen.h.
#include "store/seen.h"

#include <algorithm>
#include <string>

#include "base/crypto.h"

namespace pigeon::store {

Seen::Seen(Database& db, const SecretBox::Key& key)
    : db_(db),
      key_(key),
      known_(db,
             "SELECT 1 FROM seen WHERE digest = ?1 AND expires_at > ?5 UNION ALL "
             "SELECT 1 FROM slots WHERE modem = ?2 AND storage = ?3 AND slot = ?4 AND digest = ?1"),
      add_(db,
           // A digest that comes again is the newest, also by its id.
           "INSERT OR REPLACE INTO seen (digest, expires_at) VALUES (?1, ?2)"),
      lies_in_(db,
               "INSERT INTO slots (modem, storage, slot, digest) VALUES (?1, ?2, ?3, ?4)"
               " ON CONFLICT (modem, storage, slot) DO UPDATE SET digest = ?4 WHERE digest <> ?4"),
      slots_(db, "SELECT storage, slot FROM slots WHERE modem = ?1"),
      seen_empty_(db, "DELETE FROM slots WHERE modem = ?1 AND storage = ?2 AND slot = ?3"),
      purge_(db,
             "DELETE FROM seen WHERE id IN (SELECT id FROM seen ORDER BY id LIMIT 200)"
             " AND expires_at <= ?1") {}

Seen::Digest Seen::digest(std::span<const std::uint8_t> identity) const {
  return key_(identity);
}

bool Seen::known(const Digest& digest, const SlotKey& slot, UtcTime now) {
  const auto lock = db_.lock();
  return known_.bind(digest, slot.modem, slot.storage, slot.index, now).next();
}

void Seen::add(Transaction& transaction, const Digest& digest, const SlotKey& slot, UtcTime expires_at) {
  add_.bind(digest, expires_at).run(transaction);
  lies_in(transaction, digest, slot);
}

void Seen::lies_in(Transaction& transaction, const Digest& digest, const SlotKey& slot) {
  if (slot.index < 0) return;
  lies_in_.bind(slot.modem, slot.storage, slot.index, digest).run(transaction);
}

void Seen::only_occupied(Transaction& transaction, std::string_view modem,
                         std::span<const SlotKey> occupied) {
  std::vector<SlotKey> empty;
  {
    Query query = slots_.bind(modem);
    while (query.next()) {
      SlotKey slot{std::string(modem), query.text(0), static_cast<int>(query.integer(1))};
      const bool still = std::any_of(occupied.begin(), occupied.end(), [&slot](const SlotKey& other) {
        return other.storage == slot.storage && other.index == slot.index;
      });
      if (!still) empty.push_back(std::move(slot));
    }
  }
  for (const SlotKey& slot : empty) seen_empty_.bind(slot.modem, slot.storage, slot.index).run(transaction);
}

bool Seen::purge(Transaction& transaction, UtcTime now) {
  purge_.bind(now).run(transaction);
  return transaction.changes() > 0;
}

}  // namespace pigeon::store
