// Where a message lies, across all modems of a box: what the store remembers of a modem's slots is kept under
// this.
#pragma once

#include <string>

namespace pigeon::store {

struct SlotKey {
  std::string modem;    // its name in the configuration
  std::string storage;  // "SM", "ME", …; empty for what came without a slot
  int index = 0;        // as AT+CMGR counts; negative for what came without a slot
};

}  // namespace pigeon::store
