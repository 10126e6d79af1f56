// The commands of the control socket about people's accounts; see control_commands.h.
#pragma once

#include "control/protocol.h"
#include "daemon/control_commands.h"

namespace pigeon::daemon {

// Ends the link of {"phone": "+1…"} here and at X: {"phone", "username", "revoked", "texts": that waited}.
// Errc::not_found: it has no account.
[[nodiscard]] Result<control::Json> unlink_account(const ControlDesk& desk, const control::Request& request);

}  // namespace pigeon::daemon
