// Whose a USB stick is, in this process: several modems look for theirs at the same time, each on its own
// thread, and a stick has more than one AT port and other numbers each time it is plugged in. Everything here
// may be called from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace pigeon::modem {

struct ReleaseClaim {
  void operator()(const std::string* claimed) const;
};
// Held from claim() to its destruction; null: none.
using Claim = std::unique_ptr<const std::string, ReleaseClaim>;
// Null when somebody has `what` already: "usb 1-1.4", "imei 49015420323751".
[[nodiscard]] Claim claim(const std::string& what);

// What a modem's owner holds of its stick. Both null for what does not sit on USB.
struct StickHold {
  Claim usb_path;
  Claim imei;
  std::string path;           // "1-1.4"
  int interface_number = -1;  // of the AT port that answered
};

// The stick that a modem of this name was last: by IMEI and interface, for ttyUSB numbers move.
struct KnownStick {
  std::string imei;
  std::string usb_path;
  int interface_number = -1;
};
void remember_stick(const std::string& name, KnownStick stick);
[[nodiscard]] std::optional<KnownStick> remembered_stick(const std::string& name);
// Who had the stick with this IMEI last, if not the modem called `name`: it gets it back.
[[nodiscard]] std::optional<std::string> other_owner(const std::string& imei, const std::string& name);

// Whether two IMEIs are one modem's: some modems tell it without its check digit, others a software version
// behind it.
[[nodiscard]] bool is_same_imei(const std::string& one, const std::string& other);
// Nothing where the IMEI is empty or held by somebody.
[[nodiscard]] Claim claim_imei(const std::string& imei);

}  // namespace pigeon::modem
