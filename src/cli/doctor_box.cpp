// What `pigeon doctor` sees of the box itself: settings, disk, database, keys, clock and service; see
// doctor_parts.h.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <utility>

#include "base/file.h"
#include "cli/doctor_parts.h"
#include "cli/status_report.h"
#include "control/socket.h"

namespace pigeon::cli {
namespace {

constexpr const char* kConfiguration = "docs/operating.md#is-it-right";
constexpr const char* kDamage = "docs/operating.md#a-damaged-database";
constexpr const char* kCard = "docs/operating.md#an-sd-card-what-to-expect";
constexpr const char* kBackup = "docs/operating.md#backup";
constexpr const char* kWell = "docs/operating.md#is-it-well";

constexpr std::uint64_t kFullBelow = std::uint64_t{4} << 20;      // octets: the log may grow to 4 MiB
constexpr std::uint64_t kScarceBelow = std::uint64_t{100} << 20;  // a few weeks of texts

// Of "store.key_file": what is wrong there, in the eyes of who looks for it.
Area area_of(const Mistake& mistake) {
  if (mistake.passing == Mistake::Passing::waits) return Area::disk;
  if (mistake.key == "store.url") return Area::database;
  if (mistake.key == "store.key_file" || mistake.key == "x.client_secret_file" ||
      mistake.key == "x.consumer_secret_file" || mistake.key == "modem.pin_file")
    return Area::keys;
  return Area::settings;
}

const char* section_of(Area area, const Mistake& mistake) {
  if (area == Area::database && mistake.what.find("damaged") != std::string::npos) return kDamage;
  if (mistake.key == "store.key_file") return kBackup;
  return area == Area::disk ? kCard : kConfiguration;
}

std::string existing_folder(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  while (!folder.empty() && ::access(folder.c_str(), F_OK) != 0 && folder != folder.parent_path())
    folder = folder.parent_path();
  return folder.string();
}

std::string size_of(std::uint64_t octets) {
  constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
  if (octets < kMiB) return std::to_string(octets >> 10) + " KiB";
  return octets < 10'240 * kMiB ? std::to_string(octets >> 20) + " MiB"
                                : std::to_string(octets >> 30) + " GiB";
}

Finding finding_of_condition(Area area, const store::Condition& condition, const char* section) {
  return {.area = area,
          .verdict = Verdict::failed,
          .says = store::sentence_of(condition),
          .cure = std::string(store::words_of(condition.code).cure),
          .see = section,
          .cause = std::string(store::word_of(condition.code))};
}

void look_at_disk(const Box& box, Diagnosis& found) {
  const std::string folder = existing_folder(follow_links(box.file.config.store.path));
  const auto room = box.means.room(folder);
  Finding finding{.area = Area::disk, .says = {}};
  if (!room) {
    finding.verdict = Verdict::skipped;
    finding.says = "nobody tells how much room there is in " + folder;
  } else if (room->read_only) {
    finding = {.area = Area::disk,
               .verdict = Verdict::failed,
               .says = "the disk under " + folder + " is read-only",
               .cure = "look at dmesg: a dying card becomes read-only; make a backup and change it",
               .see = kCard,
               .cause = "storage_failing"};
  } else if (room->octets < kFullBelow || room->files == 0) {
    finding = {
        .area = Area::disk,
        .verdict = Verdict::failed,
        .says = "the disk is full: " +
                (room->files == 0 ? "no further file can be made" : size_of(room->octets) + " are left") +
                " in " + folder,
        .cure = "make room where the database lies; texts are taken at once then",
        .see = kCard,
        .cause = "storage_full"};
  } else {
    const bool is_scarce = room->octets < kScarceBelow;
    finding.verdict = is_scarce ? Verdict::warning : Verdict::ok;
    finding.says = (is_scarce ? "only " : "") + size_of(room->octets) + " free in " + folder;
    if (is_scarce) finding.cure = "make room before it is full";
    if (is_scarce) finding.see = kCard;
  }
  found.add(std::move(finding));
}

void look_at_database(const Box& box, Diagnosis& found) {
  const std::string path = follow_links(box.file.config.store.path);
  if (found.has_failed(Area::database)) return;
  if (box.store) return found.add({.area = Area::database, .says = path + " can be read"});
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT)
    return found.add({.area = Area::database,
                      .verdict = Verdict::skipped,
                      .says = "not there yet: pigeond makes " + path + " at its first start"});
  const auto again = open_store(box.file.config);
  const bool is_hidden = ::access(path.c_str(), R_OK) != 0;
  found.add({.area = Area::database,
             .verdict = Verdict::failed,
             .says = is_hidden ? "this user may not read " + path
                               : (again ? path + " is busy" : again.error().message),
             .cure = is_hidden ? "ask again with sudo" : "use the pigeon and pigeond of one version",
             .see = kWell,
             .cause = is_hidden ? "no_permission" : "database"});
}

}  // namespace

void look_at_settings(const Box& box, Diagnosis& found) {
  for (const Mistake& mistake : box.file.mistakes) {
    if (box.is_running && mistake.key == "web.listen") continue;
    const Area area = area_of(mistake);
    const std::string place = mistake.line > 0 ? "line " + std::to_string(mistake.line) + ": " : "";
    found.add({.area = area,
               .verdict = Verdict::failed,
               .says = (place.empty() ? box.file.source + ": " : place) + mistake.what,
               .cure = mistake.cure,
               .see = section_of(area, mistake),
               .cause = mistake.line == 0 ? "no_configuration" : ""});
  }
  if (!box.is_readable || found.has_failed(Area::settings)) return;
  found.add({.area = Area::settings, .says = box.file.source + " has no mistake"});
}

void look_at_storage(const Box& box, Diagnosis& found) {
  for (const store::Condition& condition : box.conditions) {
    switch (condition.code) {
      case store::ConditionCode::storage_damaged:
        found.add(finding_of_condition(Area::database, condition, kDamage));
        break;
      case store::ConditionCode::storage_locked:
        found.add(finding_of_condition(Area::database, condition, kWell));
        break;
      case store::ConditionCode::storage_full:
      case store::ConditionCode::storage_failing:
        found.add(finding_of_condition(Area::disk, condition, kCard));
        break;
      default:
        break;
    }
  }
  if (!found.has_failed(Area::disk)) look_at_disk(box, found);
  look_at_database(box, found);
  if (found.has_failed(Area::keys)) return;
  if (box.is_strangers)
    return found.add({.area = Area::keys,
                      .verdict = Verdict::skipped,
                      .says = "this user may not look at them",
                      .cure = "ask again with sudo"});
  const XConfig& x = box.file.config.x;
  const bool is_public = !x.client_id.empty() && x.client_secret_file.empty();
  found.add({.area = Area::keys,
             .says = is_public ? "there, and for pigeond alone; X's app has no secret (a public client)"
                               : "there, and for pigeond alone"});
}

void look_at_clock(const Box& box, Diagnosis& found) {
  const UtcTime now = box.means.now();
  if (now < box.means.built_at) {
    Finding wrong = finding_of(Area::clock, Verdict::failed, modem::Cause::clock_wrong);
    wrong.says += ": it says " + to_rfc3339(now);
    return found.add(std::move(wrong));
  }
  if (box.means.clock_is_kept()) return found.add({.area = Area::clock, .says = to_rfc3339(now)});
  found.add({.area = Area::clock,
             .verdict = Verdict::warning,
             .says = to_rfc3339(now) + ", and nobody sets it by the network's time",
             .cure = "sudo timedatectl set-ntp true",
             .see = std::string(modem::words_of(modem::Cause::clock_wrong).section),
             .cause = "clock_not_kept"});
}

void look_at_service(const Box& box, Diagnosis& found) {
  for (const store::Condition& condition : box.conditions) {
    if (condition.code == store::ConditionCode::thread_stuck)
      found.add(finding_of_condition(Area::service, condition, kWell));
  }
  if (!box.is_running) {
    return found.add({.area = Area::service,
                      .verdict = Verdict::failed,
                      .says = "pigeond is not running",
                      .cure = "sudo systemctl start carrier-pigeon; if it ends again: journalctl -u "
                              "carrier-pigeon",
                      .see = kWell,
                      .cause = "daemon_stopped"});
  }
  const auto listens = control::connect_to(control::socket_path(box.file.config.store.path));
  if (listens) return found.add({.area = Area::service, .says = "pigeond runs, and takes commands"});
  if (listens.error().code == Errc::denied) {
    return found.add(
        {.area = Area::service, .says = "pigeond runs; commands are for root and the group carrier-pigeon"});
  }
  found.add({.area = Area::service,
             .verdict = Verdict::warning,
             .says = "pigeond runs without its control socket: " + listens.error().message,
             .cure = "its log says why: journalctl -u carrier-pigeon",
             .see = "docs/operating.md#having-a-running-box-do-something",
             .cause = "no_control_socket"});
}

}  // namespace pigeon::cli
