// `pigeon modem list`: every port that could be a modem, what it is, and why it is or is not usable.
#pragma once

#include <string>

#include "cli/command.h"
#include "cli/modem_survey.h"
#include "cli/pdu_json.h"

namespace pigeon::cli {

// Ends with kWrong where there is no usable modem, or one that is configured is not there.
[[nodiscard]] int run_modem_list(const Call& call);

// This box, as it is looked at with the options of the command line: devices of the kernel, who holds them,
// and, where nobody does, whether a modem answers.
[[nodiscard]] Surroundings surroundings_of(const Call& call, const Config& config);

// At most 80 columns; a port has a line, and what there is to say about it stands below.
[[nodiscard]] std::string to_text(const ModemSurvey& survey, bool colour);
[[nodiscard]] Json to_json(const ModemSurvey& survey);

}  // namespace pigeon::cli
