// What a modem tells about itself, as the modems table holds it: for the modem's thread, which writes it
// down, and for `pigeon modem info`, which asks a modem that no daemon has.
#pragma once

#include "modem/driver/serial_modem.h"
#include "store/modem_states.h"

namespace pigeon::transport {

// Who it is and how it is set, as the last bring-up found it.
void note_identity(store::ModemState& state, const modem::SerialModem& modem);
// Signal, network and storages.
void note_health(store::ModemState& state, const modem::ModemHealth& health);

}  // namespace pigeon::transport
