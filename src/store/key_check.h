// Whether the key file and the database belong together, said when the store is opened instead of at the
// first text: a known word, sealed once in the row of `key_check`, opens with the right key only. And the
// key's making, which happens where nothing is sealed yet and nowhere else: a new key beside old rows would
// lock them for ever.
#pragma once

#include <string>

#include "base/result.h"
#include "store/secret_box.h"
#include "store/sqlite.h"

namespace pigeon::store {

// Opens the box of a migrated database, on the first start with a new key. Errors are for the operator, with
// the cure: Errc::not_found: the key file is gone though rows are sealed; Errc::denied: it is another
// database's key, or others may read it; Errc::bad_input: it holds no key. Throws StorageError.
[[nodiscard]] Result<SecretBox> open_box(Database& db, const std::string& key_file);

}  // namespace pigeon::store
