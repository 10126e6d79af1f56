// `pigeon keys rotate` and `pigeon keys reset`: a new key for what the database has sealed, and the way out
// for an operator whose key is lost. The second one, and the first where no pigeond runs, work on the
// database themselves, as the user whom pigeond runs as.
#pragma once

#include "cli/command.h"

namespace pigeon::cli {

int run_keys_rotate(const Call& call);
int run_keys_reset(const Call& call);  // --yes

}  // namespace pigeon::cli
