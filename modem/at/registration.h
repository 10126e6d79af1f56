// Whether the network has let a modem in.
#pragma once

namespace pigeon::modem {

// +CREG/+CGREG/+CEREG folded into one (3GPP TS 27.007 §7.2); any of them saying yes is yes.
enum class Registration { unknown, not_registered, searching, denied, home, roaming };

}  // namespace pigeon::modem
