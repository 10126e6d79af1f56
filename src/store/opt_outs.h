// Who has said STOP and not START since: they get no answer. The table `opt_outs` knows them by a digest of
// their number that only this box can make, so that it tells nobody who they are.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/phone_number.h"
#include "store/secret_box.h"
#include "store/sqlite.h"

namespace pigeon::store {

// Thread-safe.
class OptOuts {
 public:
  // Prepares the statements, so the table must be there (StorageError). `db` is borrowed, the key is not.
  OptOuts(Database& db, const SecretBox::Key& key);

  [[nodiscard]] bool contains(const PhoneNumber& phone);
  void add(Transaction& transaction, const PhoneNumber& phone, UtcTime now);  // again: nothing changes
  void remove(Transaction& transaction, const PhoneNumber& phone);            // not there: nothing happens
  // Whether somebody who is in the table may be told about HELP now: once a day. A yes is written down.
  [[nodiscard]] bool help_is_due(Transaction& transaction, const PhoneNumber& phone, UtcTime now);

 private:
  [[nodiscard]] std::vector<std::uint8_t> digest(const PhoneNumber& phone) const;

  Database& db_;
  HmacSha256 key_;
  Statement contains_, add_, remove_, help_;
};

}  // namespace pigeon::store
