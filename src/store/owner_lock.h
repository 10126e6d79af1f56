// One process owns a database at a time: it writes, and keeps the key's file and the rows together.
#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace pigeon::store {

// Held for as long as the descriptor is open; the kernel lets go of it however the process ends.
// Errc::conflict when another process owns the database at `path`.
[[nodiscard]] Result<Fd> take_ownership(const std::string& path);

// Whether a process does now: whether the daemon runs.
[[nodiscard]] bool is_owned(const std::string& path);

}  // namespace pigeon::store
