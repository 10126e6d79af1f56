// What can be read of the simulated SIM, also before its PIN: the number of the card. See sim_at_commands.h.
#include "sim/modem/sim_at_commands.h"

namespace pigeon::sim {
namespace {

// EF_ICCID holds ten octets of swapped digits (TS 31.102 §4.2.1 by way of TS 51.011 §10.1.1).
std::string swapped(std::string digits) {
  digits.resize(20, 'F');
  for (std::size_t i = 0; i < digits.size(); i += 2) std::swap(digits[i], digits[i + 1]);
  return digits;
}

}  // namespace

FinalResult TerminalAdapter::ccid(const AtCommand& command, Lines& lines) {
  if (equipment_.sim.state(steady_now()) == SimCard::State::absent) return cme(kSimNotInserted);
  if (command.form == Form::execute || command.form == Form::read)
    lines.push_back(command.name + ": " + options_.iccid);
  return command.form == Form::set ? error() : ok();
}

// TS 27.007 §8.18; of the card's files only EF_ICCID can be read, the others are not found (6A 82).
FinalResult TerminalAdapter::crsm(const AtCommand& command, Lines& lines) {
  constexpr int kReadBinary = 176, kIccidFile = 0x2FE2;
  if (command.form == Form::test) return ok();
  if (equipment_.sim.state(steady_now()) == SimCard::State::absent) return cme(kSimNotInserted);
  const AtArguments arguments(command.arguments);
  if (command.form != Form::set || !arguments.number(0)) return cme(kIncorrectParameters);
  const bool asks_for_iccid = arguments.number(0) == kReadBinary && arguments.number(1) == kIccidFile;
  lines.push_back(asks_for_iccid ? "+CRSM: 144,0," + in_quotes(swapped(options_.iccid))
                                 : std::string("+CRSM: 106,130"));
  return ok();
}

}  // namespace pigeon::sim
