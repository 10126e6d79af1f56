// Looking at every port; see modem_survey.h.
#include "cli/modem_survey.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/file.h"
#include "base/text.h"

namespace pigeon::cli {
namespace {

using modem::Cause;
using modem::PortAddress;

constexpr std::string_view kModemManager = "ModemManager";

struct Named {
  std::string modem;
  PortAddress address;
};

Cause cause_of(const Error& error) {
  if (const auto cause = modem::cause_of(error.message)) return *cause;
  switch (error.code) {
    case Errc::denied:
      return Cause::no_permission;
    case Errc::conflict:
      return Cause::port_in_use;
    case Errc::not_found:
    case Errc::disconnected:
      return Cause::port_absent;
    case Errc::bad_input:
    case Errc::unsupported:
    case Errc::busy:
    case Errc::timeout:
    case Errc::io:
    case Errc::outcome_unknown:
      return Cause::no_answer;
  }
  return Cause::no_answer;
}

std::string told(const modem::PortHolder& holder) {
  const std::string program = holder.program.empty() ? "a program" : holder.program;
  return program + " (process " + std::to_string(holder.pid) + ")";
}

class Survey {
 public:
  explicit Survey(const Surroundings& around) : around_(around) {
    survey_.daemon_running = around.daemon_running || around.daemon_listens;
    for (const ModemConfig& modem : around.modems) {
      auto address = modem::parse_port_url(modem.url);
      if (!address || address->kind == PortAddress::Kind::automatic) continue;
      const std::string device = follow_links(address->path);
      named_.emplace(device, Named{modem.name, std::move(*address)});
    }
  }

  ModemSurvey run() {
    collect();
    find_taken_sticks();
    for (SurveyedPort& port : survey_.ports) judge(port);
    name_missing();
    return std::move(survey_);
  }

 private:
  // What is plugged in, and what is configured beyond it.
  void collect() {
    std::set<std::string> seen;
    for (modem::Candidate& candidate : modem::list_candidates(around_.usb)) {
      SurveyedPort port;
      const std::string device = follow_links(candidate.device);
      if (const auto named = named_.find(device); named != named_.end()) {
        port.modem = named->second.modem;
        candidate.obstacle.reset();  // who names a port knows what it is
      }
      seen.insert(device);
      port.candidate = std::move(candidate);
      survey_.ports.push_back(std::move(port));
    }
    for (const auto& [device, named] : named_) {
      if (seen.contains(device)) continue;
      SurveyedPort port;
      port.candidate.device = device;
      port.modem = named.modem;
      if (::access(device.c_str(), F_OK) != 0) port.candidate.obstacle = Cause::port_absent;
      survey_.ports.push_back(std::move(port));
    }
    for (SurveyedPort& port : survey_.ports) {
      if (port.candidate.device.empty()) continue;
      port.holder = modem::holder_of(port.candidate.device);
      // Who may not look at the daemon's folder sees it all the same.
      if (port.holder && port.holder->program == around_.daemon_program) survey_.daemon_running = true;
    }
  }

  [[nodiscard]] const store::ModemState* state_on(const SurveyedPort& port) const {
    if (!around_.daemon_running || !port.holder) return nullptr;
    const std::string device = follow_links(port.candidate.device);
    const auto found = std::find_if(around_.states.begin(), around_.states.end(),
                                    [&](const store::ModemState& state) { return state.device == device; });
    return found == around_.states.end() ? nullptr : &*found;
  }
  // A program that cannot be seen is pigeond where that has written the port down; another one is not.
  [[nodiscard]] bool is_pigeonds(const SurveyedPort& port) const {
    if (!port.holder) return false;
    const std::string& program = port.holder->program;
    return program == around_.daemon_program || (program.empty() && state_on(port) != nullptr);
  }

  // The daemon reads on one port of a stick and may send on another: that is the one of which it has not
  // written down that it is the modem, or the later one where what it wrote cannot be read.
  [[nodiscard]] bool is_for_sending(const SurveyedPort& port) const {
    if (port.candidate.usb_path.empty() || state_on(port) != nullptr) return false;
    return std::any_of(survey_.ports.begin(), survey_.ports.end(), [&](const SurveyedPort& other) {
      return other.candidate.usb_path == port.candidate.usb_path && is_pigeonds(other) &&
             (state_on(other) != nullptr || &other < &port);
    });
  }

  void find_taken_sticks() {
    for (const SurveyedPort& port : survey_.ports)
      if (is_pigeonds(port)) taken_.insert(port.candidate.usb_path);
    taken_.erase("");
  }

  static void refuse(SurveyedPort& port, Cause cause, std::string words = {}) {
    port.cause = cause;
    port.words = words.empty() ? std::string(modem::words_of(cause).means) : std::move(words);
  }

  void judge(SurveyedPort& port) {
    const std::string& stick = port.candidate.usb_path;
    if (port.candidate.obstacle) return refuse(port, *port.candidate.obstacle);
    if (is_pigeonds(port) && is_for_sending(port))
      return refuse(port, Cause::second_port, "the same stick's second AT port, on which pigeond sends");
    if (is_pigeonds(port)) return judge_held(port);
    if (taken_.contains(stick)) return refuse(port, Cause::second_port);
    if (port.holder) {
      const bool is_manager = port.holder->program == kModemManager;
      return refuse(port, is_manager ? Cause::modem_manager : Cause::port_in_use,
                    "held by " + told(*port.holder));
    }
    if (!around_.may_open(port.candidate.device)) return refuse(port, Cause::no_permission);
    if (survey_.daemon_running) {
      port.words = "free; not asked, because pigeond runs and looks for its modem itself";
      return;
    }
    const auto answered = around_.ask(address_of(port));
    if (!answered) return refuse(port, cause_of(answered.error()), answered.error().message);
    port.usable = true;
    port.words = "a modem answers AT on it";
    if (!stick.empty()) taken_.insert(stick);
  }

  void judge_held(SurveyedPort& port) const {
    const store::ModemState* state = state_on(port);
    port.usable = state == nullptr || state->ready;
    if (state != nullptr) port.modem = state->name;
    port.words = "held by " + told(*port.holder);
    if (state != nullptr)
      port.words += state->ready ? ", which finds it ready: " + state->model
                                 : ", which does not get it ready: " + state->detail;
  }

  [[nodiscard]] PortAddress address_of(const SurveyedPort& port) const {
    const std::string device = follow_links(port.candidate.device);
    if (const auto named = named_.find(device); named != named_.end()) return named->second.address;
    PortAddress address;
    address.kind =
        device.starts_with("/dev/pts/") ? PortAddress::Kind::pty : PortAddress::Kind::serial;  // made up
    address.path = port.candidate.device;
    return address;
  }

  // Beside a daemon every modem must be ready; without one, only those that name a port can be missed.
  void name_missing() {
    if (survey_.daemon_running && !around_.daemon_running) return;  // what it knows cannot be read
    for (const ModemConfig& modem : around_.modems) {
      const auto is_its = [&](const SurveyedPort& port) { return port.usable && port.modem == modem.name; };
      if (std::any_of(survey_.ports.begin(), survey_.ports.end(), is_its)) continue;
      const auto address = modem::parse_port_url(modem.url);
      const bool is_automatic = !address || address->kind == PortAddress::Kind::automatic;
      const auto state = std::find_if(around_.states.begin(), around_.states.end(),
                                      [&](const store::ModemState& each) { return each.name == modem.name; });
      std::string words;
      if (around_.daemon_running && state != around_.states.end() && state->ready) continue;  // unseen holder
      if (around_.daemon_running)
        words = state != around_.states.end() ? state->detail : "pigeond has not found it yet";
      else if (is_automatic)
        continue;
      else
        words = "its port is not usable";
      survey_.missing.push_back({modem.name, modem.url, words});
    }
  }

  const Surroundings& around_;
  std::map<std::string, Named> named_;  // by the resolved path
  std::set<std::string> taken_;         // sticks of which one port is used
  ModemSurvey survey_;
};

}  // namespace

int ModemSurvey::usable() const {
  return static_cast<int>(
      std::count_if(ports.begin(), ports.end(), [](const SurveyedPort& port) { return port.usable; }));
}

ModemSurvey survey_modems(const Surroundings& surroundings) {
  return Survey(surroundings).run();
}

}  // namespace pigeon::cli
