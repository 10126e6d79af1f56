// The schema's history: user_version counts the steps that a database has taken.
#pragma once

#include "base/result.h"
#include "store/sqlite.h"

namespace pigeon::store {

// The version this program writes.
[[nodiscard]] int schema_version();

// Takes the missing steps, each in a transaction. Errc::unsupported: the database comes from a newer program.
[[nodiscard]] Result<void> migrate(Database& db);

// For a reader: fine only when the database has exactly schema_version().
[[nodiscard]] Result<void> check_version(Database& db);

}  // namespace pigeon::store
