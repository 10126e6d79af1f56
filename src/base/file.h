// Reading small files whole, and secrets with the checks that a secret deserves.
#pragma once

#include <string>

#include "base/result.h"

namespace pigeon {

// At most `limit` bytes; a longer file is Errc::bad_input.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit = 1 << 20);

// A secret without the white space around it (a trailing newline breaks HTTP Basic). Refuses an empty file
// and one that other users can read; the message says the chmod that cures it.
[[nodiscard]] Result<std::string> read_secret_file(const std::string& path);

// Creates `path` with mode 0600 and `content`, durably; Errc::conflict when it exists.
[[nodiscard]] Result<void> create_private_file(const std::string& path, std::string_view content);

}  // namespace pigeon
