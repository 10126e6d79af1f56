// What `pigeon doctor` sees of the modems: whether there is one, its SIM, its network, its SMS centre and its
// room for texts; see doctor_parts.h.
#include <algorithm>
#include <utility>

#include "cli/doctor_parts.h"

namespace pigeon::cli {
namespace {

using modem::Cause;

constexpr int kHardlyAny = -105;  // dBm

// Which of the lines a cause belongs to: those above it are right then.
Area area_of(Cause cause) {
  switch (cause) {
    case Cause::sim_missing:
    case Cause::sim_busy:
    case Cause::pin_missing:
    case Cause::pin_malformed:
    case Cause::pin_refused:
    case Cause::pin_last_try:
    case Cause::sim_blocked:
    case Cause::sim_locked:
      return Area::sim;
    case Cause::registration_denied:
    case Cause::no_signal:
    case Cause::no_network:
    case Cause::no_credit:
      return Area::network;
    case Cause::no_service_centre:
    case Cause::bad_service_centre:
      return Area::sms_centre;
    case Cause::storage_full:
      return Area::storages;
    case Cause::clock_wrong:
      return Area::clock;
    default:
      return Area::modem;
  }
}

// Nothing is wrong with these ports: there they are, and nobody would use them.
bool says_nothing(const SurveyedPort& port) {
  return !port.cause || port.usable || port.cause == Cause::other_port || port.cause == Cause::second_port ||
         port.cause == Cause::unknown_device;
}

// Why no port is a modem, by what is plugged in.
Finding no_modem(const ModemSurvey& ports, const std::string& whose) {
  const auto told = std::find_if(ports.ports.begin(), ports.ports.end(),
                                 [](const SurveyedPort& port) { return !says_nothing(port); });
  if (told == ports.ports.end()) return finding_of(Area::modem, Verdict::failed, Cause::no_modem, whose);
  const std::string& device = told->candidate.device;
  return finding_of(Area::modem, Verdict::failed, *told->cause,
                    whose + (device.empty() ? "" : device + ": "));
}

bool is_about_finding(Cause cause) {
  return cause == Cause::no_modem || cause == Cause::port_absent || cause == Cause::other_imei;
}

void skip_below(Area area, Diagnosis& found, const std::string& whose) {
  for (const Area below : {Area::sim, Area::network, Area::sms_centre, Area::storages}) {
    if (below > area)
      found.add(
          {.area = below, .verdict = Verdict::skipped, .says = whose + "not known before that is mended"});
  }
}

// A modem that does not get ready: at which step, and why.
void add_unready(const Box& box, const ModemInfo& info, const std::string& whose, Diagnosis& found) {
  const auto cause = modem::cause_of(info.state.detail);
  const Area area = cause ? area_of(*cause) : Area::modem;
  if (area > Area::modem) {
    const std::string device = info.state.device.empty() ? "" : " on " + info.state.device;
    found.add({.area = Area::modem, .says = whose + "there is one" + device});
  }
  if (!cause) {
    found.add({.area = Area::modem,
               .verdict = Verdict::failed,
               .says = whose + (info.state.detail.empty() ? "not ready yet" : info.state.detail),
               .cure = "look again in a minute, and at 'pigeon modem list'",
               .see = std::string(modem::words_of(Cause::no_modem).section),
               .cause = "modem_not_ready"});
  } else if (is_about_finding(*cause) && !box.is_running) {
    found.add(no_modem(box.ports, whose));
  } else {
    if (area == Area::sms_centre) found.add({.area = Area::sim, .says = whose + "ready"});
    found.add(finding_of(area, Verdict::failed, *cause, whose));
  }
  skip_below(area, found, whose);
}

std::string network_of(const store::ModemState& state) {
  std::string words = state.registration ? std::string(store::word_of(*state.registration)) : "not asked yet";
  if (!state.network.empty()) words += ", " + state.network;
  if (!state.technology.empty()) words += ", " + state.technology;
  if (state.signal_dbm)
    words += ", signal " + std::string(signal_in_words(*state.signal_dbm)) + " (" +
             std::to_string(*state.signal_dbm) + " dBm)";
  return words;
}

void add_network(const ModemInfo& info, const std::string& whose, Diagnosis& found) {
  const store::ModemState& state = info.state;
  if (state.signal_dbm && *state.signal_dbm < kHardlyAny) {
    Finding weak = finding_of(Area::network, Verdict::warning, Cause::no_signal);
    weak.says = whose + network_of(state);
    weak.cause = "weak_signal";
    return found.add(std::move(weak));
  }
  const bool is_in = state.registration == store::NetworkRegistration::home ||
                     state.registration == store::NetworkRegistration::roaming;
  found.add({.area = Area::network,
             .verdict = is_in ? Verdict::ok : Verdict::warning,
             .says = whose + network_of(state),
             .cure = is_in ? "" : "look again in a minute",
             .cause = is_in ? "" : "not_registered_yet"});
}

void add_ready(const ModemInfo& info, const std::string& whose, Diagnosis& found) {
  const store::ModemState& state = info.state;
  const auto causes = causes_of(state);
  const auto is_wrong = [&causes](Area area) {
    return std::any_of(causes.begin(), causes.end(), [area](Cause cause) { return area_of(cause) == area; });
  };
  for (const Cause cause : causes) found.add(finding_of(area_of(cause), Verdict::failed, cause, whose));
  found.add({.area = Area::modem, .says = whose + state.model + " on " + state.device});
  found.add({.area = Area::sim, .says = whose + "ready"});
  if (!is_wrong(Area::network)) add_network(info, whose, found);
  if (!is_wrong(Area::sms_centre)) found.add({.area = Area::sms_centre, .says = whose + state.smsc});
  if (!is_wrong(Area::storages) && !state.storages.empty())
    found.add({.area = Area::storages, .says = whose + state.storages});
}

// What the daemon has written down of each modem that is configured, or else what they answer now.
std::vector<ModemInfo> infos_of(const Box& box) {
  if (box.is_running) return written_infos(box.file.config, *box.store);
  box.means.tell("asking the modem");
  return box.means.ask_modems(box.file.config);
}

}  // namespace

void look_at_modems(const Box& box, Diagnosis& found) {
  if (!box.is_readable) {
    const auto usable = std::find_if(box.ports.ports.begin(), box.ports.ports.end(),
                                     [](const SurveyedPort& port) { return port.usable; });
    if (usable == box.ports.ports.end()) return found.add(no_modem(box.ports, ""));
    return found.add({.area = Area::modem, .says = usable->candidate.device + ": " + usable->words});
  }
  if (box.is_running && !box.store) {
    return found.add({.area = Area::modem,
                      .verdict = Verdict::skipped,
                      .says = "what pigeond knows of it cannot be read",
                      .cure = "ask again with sudo"});
  }
  const bool are_several = box.file.config.modems.size() > 1;
  for (const ModemInfo& info : infos_of(box)) {
    const std::string whose = are_several ? info.state.name + ": " : "";
    if (info.state.ready)
      add_ready(info, whose, found);
    else
      add_unready(box, info, whose, found);
  }
  for (const SurveyedPort& port : box.ports.ports) {
    if (port.cause == Cause::modem_manager)
      found.add(finding_of(Area::modem, Verdict::failed, Cause::modem_manager, port.candidate.device + ": "));
  }
}

}  // namespace pigeon::cli
