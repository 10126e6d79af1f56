// Whether pigeond would start with a configuration: the file, and all that it names in this box (secrets,
// folders, key, database, addresses). pigeond looks before each start and each reload, `pigeon config check`
// and `pigeond --check-config` only look; since all ask here, they agree. Nothing is changed by looking.
#pragma once

#include <string>

#include "config/config.h"

namespace pigeon::preflight {

// The file's own mistakes and the box's. Where a daemon has the database already, its addresses are its own.
[[nodiscard]] ConfigFile examine(const std::string& path);

// Whether a start goes on all the same: it waits until the storage takes what is written.
[[nodiscard]] bool may_start(const ConfigFile& file);

// What a check ends with, and a start that does not go on: 0 no mistakes, 1 only such as may be over by
// themselves, 2 others.
[[nodiscard]] int exit_status(const ConfigFile& file);

}  // namespace pigeon::preflight
