// `pigeon` and `pigeon status`: the box's state (status_report.h) for people or machines.
#pragma once

#include "cli/command.h"

namespace pigeon::cli {

[[nodiscard]] int run_status(const Call& call);

}  // namespace pigeon::cli
