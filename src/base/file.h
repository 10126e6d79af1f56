// Reading small files whole, and secrets with the checks that a secret deserves.
#pragma once

#include <string>

#include "base/result.h"

namespace pigeon {

// At most `limit` bytes; a longer file is Errc::bad_input.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit = 1 << 20);

// A secret without the white space around it (a trailing newline breaks HTTP Basic) and without the byte
// order mark that some editors put in front. Refuses an empty file (Errc::bad_input), one in UTF-16, and one
// that other users can read (Errc::denied; the message says the chmod that cures it).
[[nodiscard]] Result<std::string> read_secret_file(const std::string& path);

// Creates `path` with mode 0600 and `content`; Errc::conflict when it exists. Whenever the machine stops, the
// file has all of its content or is not there: it is written as "<path>.new", which a later call replaces.
// When it returns, file and folder are on the disk.
[[nodiscard]] Result<void> create_private_file(const std::string& path, std::string_view content);

// Gives the file at `draft`, whatever is in it, the name `path`, also where that is taken: whenever the
// machine stops, `path` is the old one or the whole new one. When it returns, file and folder are on the
// disk.
[[nodiscard]] Result<void> put_in_place(const std::string& draft, const std::string& path);

// Where `path` leads when every symbolic link is followed, also when there is nothing yet: the links of its
// folder, and the file's own, even one that points to nothing. As it is where that cannot be told (a missing
// folder, a circle of links).
[[nodiscard]] std::string follow_links(const std::string& path);

}  // namespace pigeon
