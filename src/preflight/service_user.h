// Looking with the eyes of the service: what root can read, pigeond's user perhaps cannot.
#pragma once

#include <optional>
#include <string>

namespace pigeon::preflight {

// When this process is root's: becomes the user whose file the configuration is, or, for the file of the
// installed service that is still root's, carrier-pigeon. For good; does nothing where there is no such user.
void become_service_user(const std::string& config_path);

// What closes a secret that every user can read, and still lets the service in: "chmod 640 FILE" where the
// file is root's and the service's group has it, with a chgrp before it where that group exists and does not;
// "chmod 600 FILE" where there is no such group, or the file belongs to the user who runs pigeond.
[[nodiscard]] std::string closing_cure(const std::string& path);
// The same, of a file with this owner and group. Pure.
[[nodiscard]] std::string closing_cure(const std::string& path, unsigned owner, unsigned group,
                                       std::optional<unsigned> service_group);
// How a secret that is not there yet is written, by whom and for whom: "sudo install … /dev/stdin FILE".
[[nodiscard]] std::string writing_cure(const std::string& path);

}  // namespace pigeon::preflight
