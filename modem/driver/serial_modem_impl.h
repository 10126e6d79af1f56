// What a SerialModem (serial_modem.h) is made of. Nobody but serial_modem.cpp includes this.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "modem/driver/port_parts.h"
#include "modem/driver/sending_port.h"
#include "modem/driver/serial_modem.h"
#include "modem/driver/sticks.h"

namespace pigeon::modem {

struct SerialModem::Impl {
  // `at_channel` is in step: its modem has answered AT. Nothing is asked yet.
  Impl(const ModemOptions& modem_options, AtChannel at_channel);
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // Takes the IMEI that bring-up found, so that this stick comes back to this name.
  void keep_stick();
  void open_second();  // where it is asked for and there
  // What is queued at once, else the channel's next news; a wake-up becomes an event and is
  // cleared.
  Result<std::vector<Event>> wait(SteadyTime deadline, Wakeup* wakeup);
  void look_at_second();                 // its news become the first port's
  const ModemSettings& told_settings();  // as the parts have them now

  ModemOptions options;
  StickHold hold;  // outlives the channels
  ModemIdentity identity;
  Profile profile = generic_profile();  // of the family, once the modem has told who it is
  ModemSettings settings;
  PortParts first;
  std::unique_ptr<SendingPort> second;           // null: there is none
  std::optional<Result<SendReceipt>> receipt{};  // of what was sent on the first port, or on one that is gone
};

}  // namespace pigeon::modem
