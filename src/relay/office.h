// What all workers of the relay share. Everything is borrowed and outlives them.
#pragma once

#include "base/clock.h"
#include "pairing/settings.h"
#include "pairing/tokens.h"
#include "relay/gates.h"
#include "relay/settings.h"
#include "store/store.h"
#include "store/wakeups.h"

namespace pigeon::relay {

struct Office {
  const Clock& clock;  // for deadlines; the time of rows is store.time.now()
  const RelaySettings& settings;
  const pairing::PairingSettings& pairing;
  store::Store& store;
  store::Wakeups& wakeups;
  pairing::Tokens& tokens;
  Gates& gates;
  SteadyTime started;
};

}  // namespace pigeon::relay
