// The table of causes (modem/causes) as the commands of `pigeon` show it.
#pragma once

#include <string>
#include <string_view>

#include "cli/pdu_json.h"
#include "modem/causes/cause.h"

namespace pigeon::cli {

// {"cause": "no_signal", "means", "cure", "see"}.
[[nodiscard]] Json cause_as_json(modem::Cause cause);

// What cures an error with this message; `otherwise`, where it is no cause's.
[[nodiscard]] std::string cure_of(std::string_view message, std::string_view otherwise);

}  // namespace pigeon::cli
