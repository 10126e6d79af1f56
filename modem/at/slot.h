// Where a message lies in a modem: what indications name, reads ask for and deletions free.
#pragma once

#include <compare>
#include <string>

namespace pigeon::modem {

// Where a message lies: "SM", "ME", "MT", "SR" and the index +CMTI, +CMGR and +CMGD use (3GPP TS 27.005
// §3.1).
struct Slot {
  std::string storage;
  int index = 0;
  auto operator<=>(const Slot&) const = default;  // NOLINT(modernize-use-nullptr)
};

}  // namespace pigeon::modem
