// Signal, network and room for messages; see health.h.
#include "modem/driver/health.h"

#include <algorithm>

#include "base/log.h"
#include "modem/at/at_values.h"

namespace pigeon::modem {
namespace {

// +COPS? in another form than the long name (TS 27.007 §7.3: <format> 1 or 2).
bool tells_a_number(const Answer& network) {
  const auto fields = fields_of(network.text());
  return fields.size() > 2 && (fields[1] == "1" || fields[1] == "2");
}

}  // namespace

// LTE-only networks show in CEREG alone, and some firmware says "denied" in CREG while LTE works: the first
// yes counts.
Result<Registration> Health::registration() {
  Registration best = Registration::unknown;
  for (const std::string_view line : {"AT+CREG?", "AT+CEREG?", "AT+CGREG?"}) {
    const auto answer = line_.ask({std::string(line), line_.timeouts().answer});
    if (!answer) return tl::unexpected(answer.error());
    if (answer->ok()) best = better(best, parse_registration(*answer));
    if (best == Registration::home || best == Registration::roaming) break;
  }
  return best;
}

// One line for any amount of noise; a second program on the port is worth telling the operator, once.
void Health::report_counters() {
  const auto& counters = line_.channel().counters();
  log::debug(line_.tag(), std::to_string(counters.noise) + " lines of noise and " +
                              std::to_string(counters.late_results) + " late results so far");
  if (counters.foreign_commands == 0 || told_of_foreigner_) return;
  told_of_foreigner_ = true;
  log::warning(line_.tag(),
               line_.channel().device() + ": another program sends commands to this port (ModemManager?)");
}

Result<ModemHealth> Health::ask() {
  ModemHealth health;
  const auto signal = line_.ask({"AT+CSQ", line_.timeouts().answer});
  if (!signal) return tl::unexpected(signal.error());
  if (signal->ok()) health.signal_dbm = parse_signal_dbm(*signal);
  const auto registered = registration();
  if (!registered) return tl::unexpected(registered.error());
  health.registration = *registered;
  auto network = line_.ask({"AT+COPS?", line_.timeouts().radio});
  if (network && network->ok() && tells_a_number(*network)) {
    if (auto done = line_.attempt("AT+COPS=3,0"); !done) return tl::unexpected(done.error());
    network = line_.ask({"AT+COPS?", line_.timeouts().radio});
  }
  if (!network) return tl::unexpected(network.error());
  if (network->ok()) health.network = parse_operator(*network);
  if (network->ok()) health.technology = parse_technology(*network);
  const auto states = storages_.ask_states();
  if (!states && states.error().code == Errc::disconnected) return tl::unexpected(states.error());
  if (states && !states->empty()) {
    health.slots_used = states->back().used;  // mem3, or what the modem tells instead
    health.slots_total = states->back().total;
    for (const StorageState& state : *states) {
      const auto is_it = [&](const StorageUse& use) { return use.name == state.name; };
      if (std::none_of(health.storages.begin(), health.storages.end(), is_it))
        health.storages.push_back({state.name, state.used, state.total});
    }
  }
  report_counters();
  return health;
}

}  // namespace pigeon::modem
