// A new key for a database: everything that is sealed is sealed anew with it in one transaction. Wherever the
// process is killed, key and database belong together at the next start (open_box(), key_check.h):
//
//   1  the new key lies in `<key_file>.next`, on the disk      the old one opens the canary: it stays
//   2  one transaction: all rows, and the canary               from here on the new one opens it …
//   3  on the disk
//   4  `<key_file>.next` takes the place of `key_file`         … and is put in its place
//
// Digests stay what they are: their keys are sealed anew, too (digest_keys.h).
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "store/secret_box.h"
#include "store/sqlite.h"

namespace pigeon::store {

// A column with SecretBox output. A sealed value is bound to "table/column/key", `key` being the row's
// primary key in the column of that name.
struct SealedColumn {
  const char* table;
  const char* column;
  const char* key;
};
// All there are; a new one is added here and nowhere else.
[[nodiscard]] std::span<const SealedColumn> sealed_columns();

struct Rotated {
  int sealed = 0;  // values that were sealed anew
  int locked = 0;  // that the old key did not open: they are as they were, and stay locked
};

// Gives the database a new key. `box` is the one in use, which all threads read under the database's lock: it
// becomes the new one together with the rows. For the database's owner, by one thread at a time, outside a
// transaction. Errors, with the cure: Errc::unsupported: no file can be made beside the key, as with a
// systemd credential, and nothing is changed; Errc::io: sealed anew, and the new key could not be given its
// name, which the next start does. Throws StorageError: then the box is the one that opens the rows.
[[nodiscard]] Result<Rotated> rotate_key(Database& db, SecretBox& box, const std::string& key_file);

}  // namespace pigeon::store
