// The shapes in which modems write what a network says by USSD (3GPP TS 27.007 §7.15, TS 23.038 §5). Written
// apart from the gateway's own parser, which reads the other side.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/modem/sim_habits.h"

namespace pigeon::sim {

// The line of one answer, in the alphabet that +CSCS has set; empty: the network is silent.
[[nodiscard]] std::string ussd_line(const UssdAnswer& answer, std::string_view charset);

// "packed", "ucs2", … as the console calls the forms.
[[nodiscard]] std::optional<UssdAnswer::Form> ussd_form(std::string_view word);

}  // namespace pigeon::sim
