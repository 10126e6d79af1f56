// `pigeon modem list`: every port that could be a modem, what it is, and why it is or is not usable.
#pragma once

#include <string>

#include "cli/command.h"
#include "cli/modem_survey.h"
#include "cli/pdu_json.h"

namespace pigeon::cli {

// Ends with kWrong where there is no usable modem, or one that is configured is not there.
[[nodiscard]] int run_modem_list(const Call& call);

// At most 80 columns; a port has a line, and what there is to say about it stands below.
[[nodiscard]] std::string to_text(const ModemSurvey& survey, bool colour);
[[nodiscard]] Json to_json(const ModemSurvey& survey);

}  // namespace pigeon::cli
