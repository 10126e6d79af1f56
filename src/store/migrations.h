// The schema's history: user_version counts the steps that a database has taken.
#pragma once

#include <span>

#include "base/result.h"
#include "store/sqlite.h"

namespace pigeon::store {

// The version this program writes.
[[nodiscard]] int schema_version();

// Takes the missing steps, each in a transaction. A database with rows is copied before the first of them, as
// "<path>.before-<version>", and stays as it is when that cannot be done. Errc::unsupported: the database
// comes from a newer program. StorageError.
[[nodiscard]] Result<void> migrate(Database& db);
// The same by `steps` instead of the schema's own, for tests.
[[nodiscard]] Result<void> migrate_by(Database& db, std::span<const char* const> steps);

// For a reader: fine only when the database has exactly schema_version().
[[nodiscard]] Result<void> check_version(Database& db);

}  // namespace pigeon::store
