// The unsolicited codes of makers, as data: what a family says that no standard knows. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "modem/at/urc.h"

namespace pigeon::modem {

// Nothing when no family is known to say `line`. Letter case does not matter.
[[nodiscard]] std::optional<UrcKind> vendor_urc(std::string_view line);

}  // namespace pigeon::modem
