// What preflight.h looks at, one thing each. A check leaves alone what is wrong in the file already, and
// appends its own findings to the mistakes.
#pragma once

#include <string>
#include <string_view>

#include "config/config.h"

namespace pigeon::preflight {

void check_secrets(ConfigFile& file);  // x.client_secret_file, modem.pin_file
void check_modems(
    ConfigFile& file);  // modem.url as the driver reads it; whether it is plugged in is no matter
void check_database(
    ConfigFile& file);  // store.url and store.key_file: folders, modes, version, the right key
// web.listen. `has_daemon`: a daemon runs and holds the address itself, so it is not tried.
void check_listen(ConfigFile& file, bool has_daemon);

// What the checks share. `place`: the key as in ConfigFile::lines; "modem[1].pin_file" is "modem.pin_file".
void note(ConfigFile& file, std::string_view place, const std::string& what, const std::string& cure);

// Whether this process could make and change files in `folder`; if not, the mistake is noted.
bool check_folder(ConfigFile& file, std::string_view place, const std::string& folder);

}  // namespace pigeon::preflight
