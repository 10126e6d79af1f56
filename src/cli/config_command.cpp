// The configuration's command; see config_command.h.
#include "cli/config_command.h"

#include "preflight/report.h"

namespace pigeon::cli {

int run_config_check(const Call& call) {
  return preflight::check(call.config_path, call.json, call.out);
}

}  // namespace pigeon::cli
