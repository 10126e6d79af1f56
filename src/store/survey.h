// What is wrong with the box now, all of it: the conditions that somebody wrote down, and those that rows
// show by themselves, which therefore can neither be forgotten nor stay behind. `pigeon`, /healthz and the
// service manager's line read it here, so that all say the same.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/conditions.h"
#include "store/sqlite.h"
#include "store/storage_health.h"

namespace pigeon::store {

class Survey {
 public:
  // Prepares the statements, so the tables must be there (StorageError). Both are borrowed.
  Survey(Database& db, Conditions& conditions);

  // What is wrong at `now`, in the order of the codes. `modems`: the names that are configured; `storage`:
  // the failure of the storage, as its owner knows it. What cannot be read because the storage fails is left
  // out: it never throws for that, and says that the storage fails. Reads no more rows than it counts.
  [[nodiscard]] std::vector<Condition> list(UtcTime now, const std::set<std::string>& modems,
                                            std::optional<StorageFailure> storage);

 private:
  // What the query has counted, if that is not nothing.
  static void add_counted(std::vector<Condition>& conditions, ConditionCode code, Query&& query,
                          const std::string& subject = {});
  void add_modems_gone(std::vector<Condition>& conditions, const std::set<std::string>& modems);
  void read_rows(std::vector<Condition>& conditions, UtcTime now, const std::set<std::string>& modems);

  Database& db_;
  Conditions& conditions_;
  Statement kept_, behind_, replies_, reply_modems_, replies_of_, broken_, aside_, quarantined_;
};

// The condition that a failure of the storage is; its detail is the time of the last commit that worked
// (RFC 3339), if there was one.
[[nodiscard]] Condition condition_of(const StorageFailure& failure);

}  // namespace pigeon::store
