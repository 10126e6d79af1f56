// Taking number and words out of what a person who said STOP has left: texts, their parts, posts and replies.
// Rows stay without them until Retention deletes them (retention.h says why); the digests of texts (seen.h)
// and the ids of posts at X are what is needed not to post twice.
//
// A box has many rows and no index by phone, so this walks by id, in batches, each in its caller's
// transaction: a JobKind::erasure, from its beginning again after a restart.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/phone_number.h"
#include "store/sqlite.h"

namespace pigeon::store {

class Erasure {
 public:
  // Prepares the statements, so the tables must be there (StorageError). Borrowed.
  explicit Erasure(Database& db);

  static constexpr int kMostRead = 1000;  // rows in one batch

  enum class Progress {
    more,   // a batch is done, and others are left
    waits,  // a text, a post or a reply is still under way: again from the beginning, later
    over,
  };
  // Of a text whose other parts have not come nothing is wanted any more.
  void begin(Transaction& transaction, const PhoneNumber& phone);
  // The next batch of what `phone` has left up to its text `message` (an inbox id).
  [[nodiscard]] Progress erase(Transaction& transaction, const PhoneNumber& phone, std::int64_t message);
  // One closed text that came just now, with its parts.
  void erase_text(Transaction& transaction, std::int64_t message);

 private:
  struct Table {
    Table(Database& db, const char* list, const char* blank) : batch(db, list), erase(db, blank) {}
    Statement batch;  // ?1: behind this id; ?2: how many; ?3: phone; ?4: message; yields id, a Row
    Statement erase;  // ?1: its id
  };
  // How far a walk has come.
  struct Walk {
    std::size_t table = 0;
    std::int64_t behind = 0;
    bool waits = false;
  };
  Table parts_, replies_, texts_;
  Statement posts_, posts_wait_, waiting_, jobs_, unreported_, parts_of_;
  std::map<std::string, Walk> walks_;  // by phone; guarded by the database's lock
};

}  // namespace pigeon::store
