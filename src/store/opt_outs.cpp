// SQL of the opt_outs table; see opt_outs.h.
#include "store/opt_outs.h"

#include <string>

#include "base/crypto.h"

namespace pigeon::store {
namespace {

constexpr std::chrono::hours kDay{24};

}  // namespace

OptOuts::OptOuts(Database& db, const SecretBox::Key& key)
    : db_(db),
      key_(key),
      contains_(db, "SELECT 1 FROM opt_outs WHERE digest = ?1"),
      add_(db, "INSERT OR IGNORE INTO opt_outs (digest, since) VALUES (?1, ?2)"),
      remove_(db, "DELETE FROM opt_outs WHERE digest = ?1"),
      // A time in the future is what a clock that was wrong has left.
      help_(db,
            "UPDATE opt_outs SET helped_at = ?2 WHERE digest = ?1"
            " AND (helped_at <= ?3 OR helped_at > ?2)") {}

std::vector<std::uint8_t> OptOuts::digest(const PhoneNumber& phone) const {
  return key_(phone.e164());
}

bool OptOuts::contains(const PhoneNumber& phone) {
  const auto lock = db_.lock();
  return contains_.bind(digest(phone)).next();
}

void OptOuts::add(Transaction& transaction, const PhoneNumber& phone, UtcTime now) {
  add_.bind(digest(phone), now).run(transaction);
}

void OptOuts::remove(Transaction& transaction, const PhoneNumber& phone) {
  remove_.bind(digest(phone)).run(transaction);
}

bool OptOuts::help_is_due(Transaction& transaction, const PhoneNumber& phone, UtcTime now) {
  help_.bind(digest(phone), now, now - kDay).run(transaction);
  return transaction.changes() == 1;
}

}  // namespace pigeon::store
