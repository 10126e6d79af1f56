// Looking with the eyes of the service: what root can read, pigeond's user perhaps cannot.
#pragma once

#include <string>

namespace pigeon::preflight {

// When this process is root's: becomes the user whose file the configuration is, or, for the file of the
// installed service that is still root's, carrier-pigeon. For good; does nothing where there is no such user.
void become_service_user(const std::string& config_path);

}  // namespace pigeon::preflight
