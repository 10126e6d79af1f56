// What a refused command means: the numbers and texts of +CME ERROR (3GPP TS 27.007 §9.2) and +CMS ERROR
// (TS 27.005 §3.2.5, TS 24.011 annex E, TS 23.040 §9.2.3.22), and whether asking again can help. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace pigeon::modem {

struct FinalResult;

// The number of a reason that is a number or one of the standard's texts ("SIM busy"); nothing for any other.
[[nodiscard]] std::optional<int> cme_code(std::string_view reason);
// The same for the texts of the message service (TS 27.005 §3.2.5).
[[nodiscard]] std::optional<int> cms_code(std::string_view reason);

// The SIM or the equipment is still starting: +CME ERROR 14 and 515, +CMS ERROR 314, in any form.
[[nodiscard]] bool is_not_ready_yet(const FinalResult& result);
// Nothing in that slot: +CMS ERROR 321, +CME ERROR 21, or a bare ERROR.
[[nodiscard]] bool is_empty_slot(const FinalResult& result);

// A final result other than OK as an error: "AT+CPMS: +CMS ERROR: 302 (operation not allowed)". busy and
// retryable while the modem is not ready or the reason is temporary; denied when the network, the SIM or the
// operator says no for good; unsupported or bad_input when the modem cannot do it.
[[nodiscard]] Error to_error(std::string_view what, const FinalResult& result);

}  // namespace pigeon::modem
