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

// Where the key waits that is to take the place of the one in `key_file`. A rotation (key_rotation.h) that is
// cut off leaves two keys; the one that opens the known word is the database's.
[[nodiscard]] std::string next_key_file(const std::string& key_file);

// Opens the box of a migrated database, on the first start with a new key, and ends what a rotation has left.
// For the database's owner. Errors are for the operator, with the cure: Errc::not_found: the key file is gone
// though rows are sealed; Errc::denied: it is another database's key, or others may read it; Errc::bad_input:
// it holds no key. Throws StorageError.
[[nodiscard]] Result<SecretBox> open_box(Database& db, const std::string& key_file);

// What open_box() would say of keys that are there; makes and changes nothing, so for anybody at any time.
[[nodiscard]] Result<void> check_key(Database& db, const std::string& key_file);

// Whether the known word is sealed, and with this key. Throws StorageError.
enum class Fit { fits, does_not, nothing_sealed };
[[nodiscard]] Fit fit_of(Database& db, const SecretBox& box);

}  // namespace pigeon::store
