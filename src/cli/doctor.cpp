// The order of a look at the whole box; see doctor.h. The parts are in doctor_box.cpp, doctor_modem.cpp and
// doctor_world.cpp.
#include "cli/doctor.h"

#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ostream>
#include <set>
#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "cli/doctor_parts.h"
#include "cli/modem_list.h"
#include "cli/status_report.h"
#include "control/socket.h"
#include "preflight/preflight.h"
#include "preflight/service_user.h"

namespace pigeon::cli {
namespace {

constexpr milliseconds kPatience = seconds(10);  // with X, and with the public address

std::optional<DiskRoom> room_in(const std::string& folder) {
  struct statvfs status {};
  if (::statvfs(folder.c_str(), &status) != 0) return std::nullopt;
  return DiskRoom{static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize, status.f_favail,
                  (status.f_flag & ST_RDONLY) != 0};
}

// The kernel knows whether somebody sets its clock by the network's (adjtimex(2)).
bool clock_is_kept() {
  timex state{};
  return ::adjtimex(&state) != TIME_ERROR;
}

// Where its folder may not be looked into, the control socket still shows that somebody listens.
bool is_daemon_running(const std::string& database) {
  if (store::Store::is_owned(follow_links(database))) return true;
  const auto listens = control::connect_to(control::socket_path(database));
  return listens || listens.error().code == Errc::denied || listens.error().code == Errc::busy;
}

// Beside a running pigeond it is no mistake that somebody else may not read what is pigeond's alone.
void leave_to_pigeond(Box& box) {
  const std::string database = follow_links(box.file.config.store.path);
  box.is_strangers = box.is_running && ::access(database.c_str(), R_OK) != 0 && errno == EACCES;
  if (!box.is_strangers) return;
  std::erase_if(box.file.mistakes, [](const Mistake& mistake) {
    return mistake.what.find(std::strerror(EACCES)) != std::string::npos;
  });
}

void read_store(Box& box) {
  const Config& config = box.file.config;
  auto store = open_store(config);
  if (!store) return;
  box.store = std::move(*store);
  if (!box.is_running) return;
  std::set<std::string> modems;
  for (const ModemConfig& modem : config.modems) modems.insert(modem.name);
  box.conditions = box.store->survey.list(box.means.now(), modems,
                                          store::Store::storage_failure(follow_links(config.store.path)));
}

}  // namespace

Finding finding_of(Area area, Verdict verdict, modem::Cause cause, const std::string& whose) {
  const modem::CauseWords& words = modem::words_of(cause);
  return {.area = area,
          .verdict = verdict,
          .says = whose + std::string(words.means),
          .cure = std::string(words.cure),
          .see = std::string(words.section),
          .cause = std::string(words.word)};
}

Examined examine_box(const DoctorMeans& means) {
  Box box{.means = means, .file = {}, .store = {}, .conditions = {}, .ports = {}};
  const ConfigFile written = read_config_file(means.config_path);
  means.tell("looking at the ports");
  box.ports = means.ports(written.mistakes.empty() ? written.config : Config());
  means.become_service_user();
  box.file = preflight::examine(means.config_path);
  box.is_readable = written.mistakes.empty();
  Examined examined;
  if (box.is_readable)
    box.is_running = is_daemon_running(box.file.config.store.path) || box.ports.daemon_running;
  leave_to_pigeond(box);
  look_at_settings(box, examined.diagnosis);
  if (box.is_readable) {
    read_store(box);
    look_at_storage(box, examined.diagnosis);
    look_at_service(box, examined.diagnosis);
  }
  look_at_clock(box, examined.diagnosis);
  look_at_modems(box, examined.diagnosis);
  if (box.is_readable) {
    means.tell("asking X");
    look_at_x(box, examined.diagnosis);
    means.tell("asking the public address");
    look_at_address(box, examined.diagnosis);
    look_at_texts(box, examined.diagnosis);
  }
  means.tell("");
  if (preflight::exit_status(box.file) == kUsage)
    examined.status = kUsage;
  else if (examined.diagnosis.count(Verdict::failed) > 0)
    examined.status = kWrong;
  return examined;
}

int run_doctor(const Call& call) {
  log::configure({.level = log::Level::error});  // the driver's news are no answer
  const net::HttpRuntime runtime;
  net::HttpClient http;
  http.limit_timeout(kPatience);
  const bool tells = ::isatty(STDERR_FILENO) == 1;
  const DoctorMeans means{
      .config_path = call.config_path,
      .built_at = UtcTime(seconds(PIGEON_BUILT_AT)),
      .clock_is_kept = clock_is_kept,
      .room = room_in,
      .ports = [&call](const Config& config) { return survey_modems(surroundings_of(call, config)); },
      .become_service_user = [&call] { preflight::become_service_user(call.config_path); },
      .ask_modems = [&call](const Config& config) { return ask_modems(call, config); },
      .tell =
          [&call, tells](const std::string& what) {
            if (tells) call.err << "\r\x1b[K" << what << (what.empty() ? "" : " …") << std::flush;
          },
      .http = http};
  const Examined examined = examine_box(means);
  if (call.json)
    call.out << dumped(to_json(examined.diagnosis)) << "\n";
  else
    call.out << to_text(examined.diagnosis, call.colour);
  return examined.status;
}

}  // namespace pigeon::cli
