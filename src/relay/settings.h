// What deciding about texts needs to know of this box. Made before the threads start, never changed.
#pragma once

#include <string>

#include "base/clock.h"

namespace pigeon::relay {

struct RelaySettings {
  std::string public_url;  // links are <public_url>/auth/<code>
  milliseconds pairing_expires = std::chrono::minutes(15);
};

}  // namespace pigeon::relay
