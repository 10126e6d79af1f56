// From the driver's words to the store's; see figures.h.
#include "transport/figures.h"

namespace pigeon::transport {
namespace {

store::NetworkRegistration as_stored(modem::Registration registration) {
  switch (registration) {
    case modem::Registration::unknown:
      return store::NetworkRegistration::unknown;
    case modem::Registration::not_registered:
      return store::NetworkRegistration::not_registered;
    case modem::Registration::searching:
      return store::NetworkRegistration::searching;
    case modem::Registration::denied:
      return store::NetworkRegistration::denied;
    case modem::Registration::home:
      return store::NetworkRegistration::home;
    case modem::Registration::roaming:
      return store::NetworkRegistration::roaming;
  }
  return store::NetworkRegistration::unknown;
}

}  // namespace

void note_identity(store::ModemState& state, const modem::SerialModem& modem) {
  const modem::ModemIdentity& identity = modem.identity();
  state.device = identity.device;
  state.manufacturer = identity.manufacturer;
  state.model = identity.model;
  state.revision = identity.revision;
  state.imei = identity.imei;
  state.smsc = modem.settings().smsc;
}

void note_health(store::ModemState& state, const modem::ModemHealth& health) {
  state.registration = as_stored(health.registration);
  state.signal_dbm = health.signal_dbm;
  state.network = health.network;
  state.technology = health.technology;
  state.storages.clear();
  for (const modem::StorageUse& use : health.storages) {
    if (!state.storages.empty()) state.storages += ", ";
    state.storages += use.name + " " + std::to_string(use.used) + " of " + std::to_string(use.total);
  }
}

}  // namespace pigeon::transport
