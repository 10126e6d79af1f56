// What speaks to a modem on one of its AT ports: a channel, and the parts of the driver that share it, each
// with a header of its own. Belongs to one thread at a time.
#pragma once

#include <utility>

#include "modem/at/at_channel.h"
#include "modem/driver/health.h"
#include "modem/driver/indications.h"
#include "modem/driver/line.h"
#include "modem/driver/news.h"
#include "modem/driver/profile.h"
#include "modem/driver/sender.h"
#include "modem/driver/service_centre.h"
#include "modem/driver/session.h"
#include "modem/driver/sim.h"
#include "modem/driver/storages.h"
#include "modem/driver/ussd_session.h"

namespace pigeon::modem {

struct PortParts {
  // All references outlive it; bring-up fills in `identity` and `profile`.
  PortParts(AtChannel at_channel, const ModemOptions& options, ModemIdentity& identity, Profile& profile)
      : channel(std::move(at_channel)),
        line(channel, options),
        sim(line, options, identity),
        storages(line, profile, [this] { return session.set_up_again(); }),
        centre(line, options.smsc),
        indications(line, profile, identity.imei),
        ussd(line, profile),
        session({line, identity, profile, sim, storages, centre, indications, news, health}) {}
  PortParts(const PortParts&) = delete;
  PortParts& operator=(const PortParts&) = delete;

  AtChannel channel;
  Line line;
  Sim sim;
  Storages storages;
  ServiceCentre centre;
  Sender sender{line, centre};
  Indications indications;
  News news{line, storages};
  Health health{line, storages};
  UssdSession ussd;
  Session session;
};

}  // namespace pigeon::modem
