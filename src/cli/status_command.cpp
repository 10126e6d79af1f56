// Printing the box's state; see status_command.h.
#include "cli/status_command.h"

#include <ostream>

#include "cli/console.h"
#include "cli/pdu_json.h"
#include "cli/status_report.h"

namespace pigeon::cli {

int run_status(const Call& call) {
  const auto config = configuration(call);
  if (!config) return kUsage;
  const auto report = read_status(*config);
  if (!report) return cannot_read(call, *config, report.error());
  if (call.json)
    call.out << dumped(to_json(*report)) << "\n";
  else
    call.out << to_text(*report, utc_now(), call.colour);
  return report->problems.empty() ? kFine : kWrong;
}

}  // namespace pigeon::cli
