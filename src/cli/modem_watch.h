// `pigeon modem watch` and `pigeon modem record FILE`: what is said on a modem's port, without what is
// private in it. Beside a running daemon its traffic; where none runs, record opens the modem and looks at
// it.
#pragma once

#include <string>

#include "cli/command.h"
#include "modem/port/transcript.h"

namespace pigeon::cli {

[[nodiscard]] int run_modem_watch(const Call& call);   // until Ctrl-C
[[nodiscard]] int run_modem_record(const Call& call);  // FILE; ends with kWrong when the modem fails

// "  1.204 < +CSQ: 20,99": a line of at most 80 columns for each that was said; as JSON, a whole object each.
[[nodiscard]] std::string watched(const modem::TranscriptEntry& entry, bool json);

}  // namespace pigeon::cli
