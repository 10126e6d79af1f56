// A database whose key is lost for good: what was sealed with it is given up, so that the box runs again with
// another key. Everything else stays, texts and posts that wait among it.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace pigeon::store {

// What is lost with the key.
struct LostWithKey {
  std::int64_t accounts = 0;     // people who must link again; each is asked to at the next text
  std::int64_t pairings = 0;     // who were linking just now, and text START
  std::int64_t revocations = 0;  // grants that were to be ended at X, and live on there
  std::int64_t opt_outs = 0;     // who said STOP, and are not known any more
};

enum class Reset { only_look, done };  // only_look: nothing is changed
// For a database that nobody owns. What `key_file` holds becomes its key, or a new one where there is no such
// file. Errors: Errc::conflict: another process owns it; Errc::not_found: there is no database;
// Errc::unsupported: nothing is lost, because the key opens it or nothing is sealed; and those of SecretBox,
// with the cure. Can be cut off and called again. Throws StorageError.
[[nodiscard]] Result<LostWithKey> reset_key(const std::string& path, const std::string& key_file, Reset how,
                                            UtcTime now);

}  // namespace pigeon::store
