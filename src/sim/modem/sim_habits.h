// What dongles are known to do against 3GPP TS 27.005, as habits that the simulated modem can be given and
// rid of at any moment: each was met in the field and made some gateway lose, repeat or miss a text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sim/modem/sim_at_result.h"

namespace pigeon::sim {

// How one AT+CMGS goes, from its PDU to its result.
struct SendHabit {
  std::string before{};   // octets that come out ahead of the result, with their framing
  milliseconds delay{0};  // between those and the result, on top of SimModemOptions::send_delay
};

struct ModemHabits {
  std::optional<FinalResult> deletion{};  // AT+CMGD frees nothing and ends so (ok(): a lie)
  std::optional<int> used{};              // what AT+CPMS says is used; nothing: the truth
  bool one_storage = false;               // AT+CPMS= takes one storage only, +CMS ERROR: 302 for two or three
  std::vector<SendHabit> sends{};         // for the next AT+CMGS, one each; those behind them are ordinary
  bool smsc_lost = false;     // +CMS ERROR: 330 where the PDU names no service centre; AT+CSCA= ends it
  std::string noise{};        // octets in front of the next answer, once
  bool stores_twice = false;  // a text takes two slots and is announced twice
  bool announces = true;      // +CMTI, where +CNMI asks for it
};

}  // namespace pigeon::sim
