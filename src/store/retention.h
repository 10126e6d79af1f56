// Deleting what is over and old: closed texts with their parts, posts and replies. In batches that are small
// enough for everybody else, each in the caller's transaction; whatever is open stays, however old it is.
//
// The digests of texts (seen.h) outlive this by their own time, so that nothing is posted twice. What has
// ended stays counted (`totals`). The row of the highest id stays, too: SQLite would give its id again.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"
#include "store/sqlite.h"

namespace pigeon::store {

class Retention {
 public:
  // Prepares the statements, so the tables must be there (StorageError). Borrowed.
  explicit Retention(Database& db);

  static constexpr int kMostDeleted = 100;  // rows of these tables in one batch
  static constexpr int kMostRead = 1000;

  enum class Posts { leave, too };
  // Deletes the next batch of what ended before `before`; true: there may be more to delete now. `posts`: not
  // while one may still be in doubt that was begun before `before`, because what X shows of a person is told
  // apart by the posts that are known.
  bool prune(Transaction& transaction, UtcTime before, UtcTime now, Posts posts);

 private:
  struct Table {
    Table(Database& db, const char* list, const char* deletion) : oldest(db, list), remove(db, deletion) {}
    Statement oldest;         // ?1: behind this id; ?2: how many; yields id, when it ended, whether it may go
    Statement remove;         // ?1: its id
    std::int64_t behind = 0;  // where the next batch begins; 0: a new round
  };
  int prune(Transaction& transaction, Table& table, UtcTime before, UtcTime now, int most);

  Table replies_, posts_, parts_, texts_;
  Statement unreported_;
};

}  // namespace pigeon::store
