// What the parts of the relay share: the settings of one box and the wake-ups by which its threads tell each
// other about committed rows.
#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "base/wakeup.h"
#include "x/oauth2.h"

namespace pigeon::relay {

struct RelayOptions {
  std::string gateway_number;  // E.164; never answered
  std::string country;         // completes national senders
  std::string public_url;      // links are <public_url>/auth/<code>
  milliseconds pairing_expires = std::chrono::minutes(15);
  x::OAuth2Client oauth;
  std::string api_url;
};

// Made before the threads start and never changed after.
struct Wakeups {
  Wakeup dispatcher;                     // the inbox or a pairing changed
  std::map<std::string, Wakeup> modems;  // by name: the outbox changed

  void notify_modem(const std::string& name) {
    const auto found = modems.find(name);
    if (found != modems.end()) found->second.notify();
  }
};

}  // namespace pigeon::relay
