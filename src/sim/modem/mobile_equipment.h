// What all AT ports of one simulated modem have in common (the ME of 3GPP TS 27.007 §4): its card, its
// memories, its radio. What a port has for itself is its terminal adapter's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/modem/sim_card.h"
#include "sim/modem/sim_modem.h"
#include "sim/modem/sim_storage.h"

namespace pigeon::sim {

class MessageService;

// Not thread-safe.
struct MobileEquipment {
  explicit MobileEquipment(const SimModemOptions& options)
      : sim(options.sim_inserted, options.pin, options.puk, options.sim_start_up),
        storage(options.first_index, options.sim_slots, options.me_slots, options.receive_storage,
                options.one_memory, options.report_slots),
        smsc(options.smsc) {}

  SimCard sim;
  MessageStorage storage;  // a port has a copy: the same memories, and a +CPMS of its own
  std::string smsc;
  std::uint8_t reference = 0;             // TP-MR of the part that was sent last
  int functionality = 1;                  // +CFUN
  int operator_mode = 0;                  // +COPS: 0 automatic, 1 manual, 2 off
  int stat = 1;                           // <stat> of +CREG: what the network says
  int rssi = 20;                          // <rssi> of +CSQ
  std::vector<MessageService*> services;  // of the ports
};

}  // namespace pigeon::sim
