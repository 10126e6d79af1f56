// `pigeon config check`: whether pigeond would start (preflight/report.h).
#pragma once

#include "cli/command.h"

namespace pigeon::cli {

[[nodiscard]] int run_config_check(const Call& call);

}  // namespace pigeon::cli
