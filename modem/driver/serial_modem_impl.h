// What a SerialModem (serial_modem.h) is made of: a channel, and parts that share it, each with a header of
// its own. Nobody but serial_modem.cpp includes this.
#pragma once

#include <vector>

#include "modem/at/at_channel.h"
#include "modem/driver/health.h"
#include "modem/driver/indications.h"
#include "modem/driver/line.h"
#include "modem/driver/news.h"
#include "modem/driver/profile.h"
#include "modem/driver/sender.h"
#include "modem/driver/serial_modem.h"
#include "modem/driver/service_centre.h"
#include "modem/driver/session.h"
#include "modem/driver/sim.h"
#include "modem/driver/sticks.h"
#include "modem/driver/storages.h"
#include "modem/driver/ussd_session.h"

namespace pigeon::modem {

struct SerialModem::Impl {
  // `at_channel` is in step: its modem has answered AT. Nothing is asked yet.
  Impl(const ModemOptions& modem_options, AtChannel at_channel);
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // Takes the IMEI that bring-up found, so that this stick comes back to this name.
  void keep_stick();
  // What is queued at once, else the channel's next news; a wake-up becomes an event and is
  // cleared.
  Result<std::vector<Event>> wait(SteadyTime deadline, Wakeup* wakeup);
  const ModemSettings& told_settings();  // as the parts have them now

  ModemOptions options;
  StickHold hold;  // outlives the channel
  AtChannel channel;
  ModemIdentity identity;
  Profile profile = generic_profile();  // of the family, once the modem has told who it is
  ModemSettings settings;

  Line line{channel, options};
  Sim sim{line, options, identity};
  Storages storages{line, profile, [this] { return session.set_up_again(); }};
  ServiceCentre centre{line, options.smsc};
  Sender sender{line, centre};
  Indications indications{line, profile, identity.imei};
  News news{line, storages};
  Health health{line, storages};
  UssdSession ussd{line, profile};
  Session session{{line, identity, profile, sim, storages, centre, indications, news, health}};
};

}  // namespace pigeon::modem
