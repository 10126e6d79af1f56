// A modem's figures for people and machines; see modem_info.h.
#include "cli/modem_info.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <ostream>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "base/paragraph.h"
#include "base/text.h"
#include "cli/cause_words.h"
#include "cli/console.h"
#include "cli/open_modem.h"
#include "cli/status_report.h"
#include "modem/at/at_values.h"
#include "modem/driver/serial_modem.h"
#include "preflight/service_user.h"
#include "transport/figures.h"

namespace pigeon::cli {
namespace {

using modem::Cause;
using store::NetworkRegistration;

constexpr std::size_t kLabelColumns = 16;

std::string line(std::string_view label, const std::string& value) {
  if (value.empty()) return {};
  std::string first = "  " + std::string(label);
  first.append(kLabelColumns - std::min(columns(first), kLabelColumns), ' ');
  return paragraph(first, escape_controls(value), kWidth);
}

std::string problem(std::string_view what, std::string_view cure, bool colour) {
  const std::string mark = colour ? "\x1b[31m!\x1b[0m" : "!";
  std::string text = mark + paragraph(" ", escape_controls(what), kWidth - 1);
  if (!cure.empty()) text += paragraph("  → ", escape_controls(cure), kWidth);
  return text;
}

// Asks modems that no daemon has. The modems of the configuration are held until all have been asked, so
// that each gets a stick of its own.
class Asking {
 public:
  explicit Asking(const Config& config) : opener_(config) {}

  ModemInfo ask(const ModemConfig& modem) {
    ModemInfo info{.state = {}, .asked = true};
    info.state.name = modem.name;
    info.state.updated_at = utc_now();
    auto opened = opener_.open(modem);
    if (!opened) {
      info.state.detail = opened.error().message;
      return info;
    }
    const auto health = (*opened)->health();
    if (!health) {
      info.state.detail = health.error().message;
      return info;
    }
    info.state.ready = true;
    transport::note_identity(info.state, **opened);
    transport::note_health(info.state, *health);
    held_.push_back(std::move(*opened));
    return info;
  }

 private:
  ModemOpener opener_;
  std::vector<std::unique_ptr<modem::SerialModem>> held_;
};

bool is_fine(const ModemInfo& info) {
  return info.state.ready && causes_of(info.state).empty();
}

}  // namespace

std::vector<ModemInfo> written_infos(const Config& config, store::Store& store) {
  const auto states = store.modems.list();
  std::vector<ModemInfo> infos;
  for (const ModemConfig& modem : config.modems) {
    const auto found = std::find_if(states.begin(), states.end(),
                                    [&](const store::ModemState& state) { return state.name == modem.name; });
    ModemInfo info;
    if (found != states.end()) info.state = *found;
    info.state.name = modem.name;
    if (found == states.end()) info.state.detail = "pigeond has not found it yet";
    infos.push_back(std::move(info));
  }
  return infos;
}

std::vector<ModemInfo> ask_modems(const Call& call, const Config& config) {
  Asking asking(config);
  std::vector<ModemInfo> infos;
  const bool tells = ::isatty(STDERR_FILENO) == 1;
  for (const ModemConfig& modem : config.modems) {
    if (tells) call.err << "asking modem " << modem.name << " …" << std::flush;
    infos.push_back(asking.ask(modem));
    if (tells) call.err << "\r\x1b[K" << std::flush;
  }
  return infos;
}

std::string_view signal_in_words(int dbm) {
  if (dbm >= -73) return "excellent";
  if (dbm >= -83) return "good";
  if (dbm >= -93) return "fair";
  return dbm >= -105 ? "weak" : "hardly any";
}

std::vector<Cause> causes_of(const store::ModemState& state) {
  std::vector<Cause> causes;
  if (!state.ready) {
    if (const auto cause = modem::cause_of(state.detail)) causes.push_back(*cause);
    return causes;
  }
  if (state.registration == NetworkRegistration::denied) causes.push_back(Cause::registration_denied);
  if (state.registration == NetworkRegistration::not_registered ||
      state.registration == NetworkRegistration::searching)
    causes.push_back(state.signal_dbm ? Cause::no_network : Cause::no_signal);
  if (state.smsc.empty()) causes.push_back(Cause::no_service_centre);
  if (store::is_one_full(state.storages)) causes.push_back(Cause::storage_full);
  return causes;
}

std::string to_text(const ModemInfo& info, UtcTime now, bool colour) {
  const store::ModemState& state = info.state;
  const std::string name = "modem " + escape_controls(state.name);
  std::string text = (colour ? "\x1b[1m" + name + "\x1b[0m" : name) + "\n";
  const bool known = state.updated_at > UtcTime{};
  const std::string when = info.asked ? ", asked now"
                           : known    ? ", looked at " + ago(state.updated_at, now)
                                      : "";
  text += line("state", (state.ready ? "ready" : "not ready") + when);
  text += line("port", state.device) + line("maker", state.manufacturer) + line("model", state.model);
  text += line("firmware", state.revision) + line("IMEI", state.imei);
  if (state.ready) {
    text += line("SIM", "ready");
    std::string network = state.network.empty() ? "not known" : state.network;
    if (!state.technology.empty()) network += ", " + state.technology;
    text += line("operator", network);
    text += line("registration",
                 state.registration ? std::string(store::word_of(*state.registration)) : "not asked yet");
    text += line("signal", state.signal_dbm ? std::string(signal_in_words(*state.signal_dbm)) + " (" +
                                                  std::to_string(*state.signal_dbm) + " dBm)"
                                            : "not known");
    text += line("SMS centre", state.smsc.empty() ? "none" : state.smsc);
    text += line("storages", state.storages);
  }
  const auto causes = causes_of(state);
  if (!state.ready && causes.empty()) text += problem(state.detail, "", colour);
  if (!state.ready && !causes.empty()) text += line("driver", "\"" + state.detail + "\"");
  for (const Cause cause : causes) {
    const modem::CauseWords& words = modem::words_of(cause);
    text += problem(words.means, words.cure, colour);
  }
  return text;
}

Json to_json(const ModemInfo& info) {
  const store::ModemState& state = info.state;
  Json json = {{"name", state.name},
               {"ready", state.ready},
               {"asked_now", info.asked},
               {"detail", state.detail},
               {"port", state.device},
               {"manufacturer", state.manufacturer},
               {"model", state.model},
               {"firmware", state.revision},
               {"imei", state.imei},
               {"operator", state.network},
               {"technology", state.technology},
               {"registration", state.registration ? store::word_of(*state.registration) : ""},
               {"smsc", state.smsc},
               {"storages", state.storages}};
  if (state.signal_dbm) {
    json["signal_dbm"] = *state.signal_dbm;
    json["signal"] = signal_in_words(*state.signal_dbm);
  }
  if (state.updated_at > UtcTime{}) json["looked_at"] = to_rfc3339(state.updated_at);
  json["causes"] = Json::array();
  for (const Cause cause : causes_of(state)) json["causes"].push_back(cause_as_json(cause));
  return json;
}

int run_modem_info(const Call& call) {
  auto config = configuration(call);
  if (!config) return kUsage;
  if (call.has("--modem")) {
    const ModemConfig* const chosen = modem_of(call, *config);
    if (chosen == nullptr) return kUsage;
    config->modems = std::vector<ModemConfig>{*chosen};
  }
  log::configure({.level = log::Level::error});  // the driver's news are no answer
  std::vector<ModemInfo> infos;
  const bool is_running = store::Store::is_owned(follow_links(config->store.path));
  const bool is_others = ::access(config->store.path.c_str(), R_OK) != 0 && errno == EACCES;
  if (is_running || is_others) {
    const auto store = open_store(*config);
    if (!store) return cannot_read(call, *config, store.error());
    infos = written_infos(*config, **store);
  } else {
    preflight::become_service_user(call.config_path);  // whose database it is
    infos = ask_modems(call, *config);
  }
  if (call.json) {
    Json json = {{"daemon", is_running ? "running" : "not running"}};
    for (const ModemInfo& info : infos) json["modems"].push_back(to_json(info));
    call.out << dumped(json) << "\n";
  } else {
    for (const ModemInfo& info : infos)
      call.out << (&info == &infos.front() ? "" : "\n") << to_text(info, utc_now(), call.colour);
  }
  return std::all_of(infos.begin(), infos.end(), is_fine) ? kFine : kWrong;
}

}  // namespace pigeon::cli
