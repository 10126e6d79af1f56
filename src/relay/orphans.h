// Parts of long texts whose rest never came: after a day they go to the quarantine, and their sender is told
// once. Without that a person would wait for a post that nobody can make.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "relay/office.h"
#include "store/sqlite.h"

namespace pigeon::relay {

inline constexpr std::chrono::hours kOrphanedAfter{24};  // since the last part that came

// What one batch has come to: what to do and to say when it is committed.
struct Orphans {
  bool more = false;             // there may be others
  std::set<std::string> modems;  // to be woken: they have replies to send
  std::vector<std::string> log;
};
// Throws StorageError.
[[nodiscard]] Orphans give_up_orphans(const Office& office, store::Transaction& transaction, UtcTime now);

}  // namespace pigeon::relay
