// The list of ports for people and machines; see modem_list.h.
#include "cli/modem_list.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ostream>

#include "base/file.h"
#include "base/paragraph.h"
#include "base/text.h"
#include "cli/console.h"
#include "cli/open_modem.h"
#include "cli/status_report.h"
#include "modem/driver/finder.h"

namespace pigeon::cli {
namespace {

using modem::Cause;

constexpr milliseconds kPatience = seconds(3);  // with a port that may answer AT
constexpr std::size_t kIndent = 4;
constexpr std::size_t kDeviceColumns = 19;

std::string usb_id(const modem::Candidate& candidate) {
  char text[16];
  std::snprintf(text, sizeof text, "%04x:%04x", static_cast<unsigned>(candidate.vendor),
                static_cast<unsigned>(candidate.product));
  return text;
}

// Nothing is wrong with these: there they are, and nobody would use them.
bool is_harmless(const SurveyedPort& port) {
  return port.cause == Cause::other_port || port.cause == Cause::second_port ||
         port.cause == Cause::unknown_device || (!port.cause && !port.usable);
}

std::string device_of(const SurveyedPort& port) {
  return port.candidate.device.empty() ? "(no port)" : port.candidate.device;
}

// "huawei 12d1:1506 at USB 1-1.2, interface 2".
std::string place_of(const SurveyedPort& port) {
  const modem::Candidate& candidate = port.candidate;
  if (candidate.usb_path.empty()) return "not on USB";
  std::string place = candidate.family.empty() ? "" : std::string(candidate.family) + " ";
  place += usb_id(candidate) + " at USB " + candidate.usb_path;
  if (candidate.interface_number >= 0) place += ", interface " + std::to_string(candidate.interface_number);
  return place;
}

// Behind a mark of one column, which may be painted. Short devices make a column.
std::string headline(const std::string& device, const std::string& rest) {
  std::string label = "   " + escape_controls(device) + "  ";
  if (columns(label) > kWidth / 3) return paragraph("   ", escape_controls(device + " " + rest), kWidth - 1);
  if (columns(label) < kDeviceColumns) label.append(kDeviceColumns - columns(label), ' ');
  return paragraph(label, escape_controls(rest), kWidth - 1);
}

std::string painted(std::string_view mark, std::string_view code, bool colour) {
  return colour ? "\x1b[" + std::string(code) + "m" + std::string(mark) + "\x1b[0m" : std::string(mark);
}

std::string port_text(const SurveyedPort& port, bool none_usable, bool colour) {
  const std::string indent(kIndent, ' ');
  std::string text = port.usable         ? painted("✓", "32", colour)
                     : is_harmless(port) ? painted("·", "2", colour)
                                         : painted("!", "31", colour);
  text += headline(device_of(port), place_of(port));
  const std::string whose = port.modem.empty() ? "" : "modem " + port.modem + ": ";
  text += paragraph(indent, escape_controls(whose + port.words), kWidth);
  if (!port.cause || port.usable) return text;
  const std::string_view cure = modem::words_of(*port.cause).cure;
  if (!cure.empty() && (!is_harmless(port) || none_usable)) text += paragraph(indent + "→ ", cure, kWidth);
  return text;
}

Config known_configuration(const Call& call, std::string& note) {
  ConfigFile file = read_config_file(call.config_path);
  if (file.mistakes.empty()) return std::move(file.config);
  const bool is_missing = ::access(file.source.c_str(), F_OK) != 0 && errno == ENOENT;
  note = is_missing ? "There is no configuration yet: 'pigeon config check' says what to copy."
                    : "The configuration cannot be used: 'pigeon config check' says why.";
  return {};
}

// The daemon's user where this is root's and the service's; else this user.
bool may_open(const std::string& device, bool as_service) {
  const passwd* user = as_service && ::geteuid() == 0 ? ::getpwnam("carrier-pigeon") : nullptr;
  if (user == nullptr) return ::access(device.c_str(), R_OK | W_OK) == 0;
  struct stat node {};
  if (::stat(device.c_str(), &node) != 0) return false;
  if (node.st_uid == user->pw_uid) return (node.st_mode & 0600U) == 0600U;
  gid_t groups[64];
  int count = 64;
  if (::getgrouplist(user->pw_name, user->pw_gid, groups, &count) < 0) return true;  // too many to tell
  const bool is_member = std::find(groups, groups + count, node.st_gid) != groups + count;
  return is_member ? (node.st_mode & 0060U) == 0060U : (node.st_mode & 0006U) == 0006U;
}

Result<void> ask(const modem::PortAddress& address, std::ostream& err) {
  const bool tells = ::isatty(STDERR_FILENO) == 1;
  if (tells) err << "asking " << address.path << " …" << std::flush;
  modem::ModemOptions options;
  options.name = "list";
  options.timeouts.open = kPatience;
  const auto found = modem::find_modem(options, address);
  if (tells) err << "\r\x1b[K" << std::flush;
  if (!found) return tl::unexpected(found.error());
  return {};
}

}  // namespace

std::string to_text(const ModemSurvey& survey, bool colour) {
  std::string text;
  const int usable = survey.usable();
  for (const SurveyedPort& port : survey.ports) text += port_text(port, usable == 0, colour);
  for (const ModemSurvey::Missing& missing : survey.missing) {
    const auto has_said_why = [&](const SurveyedPort& port) {
      return port.modem == missing.name && port.cause.has_value();
    };
    if (std::any_of(survey.ports.begin(), survey.ports.end(), has_said_why)) continue;
    text += painted("!", "31", colour) + headline("modem " + missing.name, missing.url) +
            paragraph(std::string(kIndent, ' '), escape_controls(missing.words), kWidth);
  }
  if (survey.ports.empty()) {
    text += paragraph("", "Nothing that is plugged in looks like a modem.", kWidth) +
            paragraph("  → ", "plug a stick in; lsusb shows whether the box sees it at all", kWidth);
  }
  if (!text.empty()) text += "\n";
  text += usable == 0   ? "No usable modem."
          : usable == 1 ? "1 usable modem."
                        : std::to_string(usable) + " usable modems.";
  if (usable > 0 && survey.daemon_running) text += " 'pigeon modem info' says how it is.";
  return text + (survey.daemon_running ? "\n" : " pigeond does not run.\n");
}

Json to_json(const ModemSurvey& survey) {
  Json json = {{"daemon", survey.daemon_running ? "running" : "not running"},
               {"fine", survey.fine()},
               {"usable", survey.usable()}};
  json["ports"] = Json::array();
  for (const SurveyedPort& port : survey.ports) {
    const modem::Candidate& candidate = port.candidate;
    Json one = {{"port", candidate.device}, {"modem", port.modem}, {"usable", port.usable}};
    if (!candidate.usb_path.empty()) {
      one["usb"] = {{"path", candidate.usb_path},
                    {"id", usb_id(candidate)},
                    {"interface", candidate.interface_number},
                    {"family", candidate.family}};
    }
    one["words"] = port.words;
    if (port.cause) {
      const modem::CauseWords& words = modem::words_of(*port.cause);
      one["cause"] = words.word;
      one["cure"] = words.cure;
      one["see"] = words.section;
    }
    if (port.holder) one["holder"] = {{"process", port.holder->pid}, {"program", port.holder->program}};
    json["ports"].push_back(std::move(one));
  }
  json["missing"] = Json::array();
  for (const ModemSurvey::Missing& missing : survey.missing)
    json["missing"].push_back({{"modem", missing.name}, {"url", missing.url}, {"words", missing.words}});
  return json;
}

Surroundings surroundings_of(const Call& call, const Config& config) {
  Surroundings around;
  around.modems = config.modems;
  around.daemon_running = store::Store::is_owned(follow_links(config.store.path));
  around.daemon_listens = around.daemon_running || has_daemon(config.store.path);
  if (around.daemon_running) {
    if (const auto store = open_store(config)) around.states = (*store)->modems.list();
  }
  const bool as_service = call.config_path == kDefaultConfigPath;
  around.may_open = [as_service](const std::string& device) { return may_open(device, as_service); };
  around.ask = [&call](const modem::PortAddress& address) { return ask(address, call.err); };
  return around;
}

int run_modem_list(const Call& call) {
  std::string note;
  const Config config = known_configuration(call, note);
  const ModemSurvey survey = survey_modems(surroundings_of(call, config));
  Json json = to_json(survey);
  if (!note.empty()) json["note"] = note;
  if (call.json)
    call.out << dumped(json) << "\n";
  else
    call.out << to_text(survey, call.colour) << (note.empty() ? "" : note + "\n");
  return survey.fine() ? kFine : kWrong;
}

}  // namespace pigeon::cli
