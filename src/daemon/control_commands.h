// What `pigeon` can have a running box do: the commands of the control socket, each a transaction of the
// store, and then whoever has work by it is woken.
//
//   quarantine.retry, .drop   {"part": 3}, or all without     how many came to what; see the .cpp
//   outbox.move               {"reply": 7, "modem": "main"}
//   outbox.drop               {"reply": 7}
//   accounts.unlink           {"phone": "+1…"}: {"phone", "username", "revoked": true, "texts": 2}
//   keys.rotate               {}: {"sealed": 14, "locked": 0} (store/key_rotation.h)
//   modem.pin                 {"modem": "main"}, or the only one without
//   modem.at                  {"at": "AT+CSQ"}, "modem" as above, "force": true for what may harm; the
//   modem's
//                             lines, then {"result": "OK", "ok": true}
//   modem.ussd                {"text": "*100#"}, "modem" as above; without a text it ends the session: what
//                             the network says, {"status": 0, "kind": "finished", "text": "…"}
//   modem.send                {"to": "+12025550123", "text": "Hi"}, "modem" as above: {"to": "+1…",
//                             "parts": 1, "references": [7], "outcome": "sent" | "not sent" | "unknown",
//                             "message": why not}; tried once
//   modem.selftest            {"seconds": 120}, "modem" as above: a line {"reference": 7}, then {"outcome":
//                             "came back", "seconds": 3.4, "modem": "main", "announced": true,
//                             "from_own_number": true}, or "lost" or "failed" with a "message"
//   modem.watch               "modem" as above: a line of a transcript each, masked
//   (modem/at/traffic_mask.h),
//                             until who asked goes away
#pragma once

#include <functional>
#include <set>
#include <string>

#include "control/server.h"
#include "modem/port/traffic.h"
#include "store/store.h"
#include "store/wakeups.h"
#include "transport/errands.h"
#include "transport/intake.h"

namespace pigeon::daemon {

// All of it is borrowed and outlives the server.
struct ControlDesk {
  store::Store& store;
  const transport::IntakeSettings& intake;
  store::Wakeups& wakeups;
  const std::set<std::string>& modems;                      // that are configured
  std::function<void(const std::string& modem)> try_again;  // its thread looks for it at once
  std::function<bool(const std::string& modem, transport::AnyErrand errand)> errand;  // false: too many wait
  std::function<modem::Traffic*(const std::string& modem)> traffic;                   // null: no such modem
};

// For the control server's thread alone.
[[nodiscard]] control::Server::Handlers control_handlers(const ControlDesk& desk);

}  // namespace pigeon::daemon
