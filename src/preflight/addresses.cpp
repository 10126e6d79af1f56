// Where pigeond listens, and the ports of its modems; see checks.h.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "modem/port/serial_port.h"
#include "preflight/checks.h"
#include "web/listener.h"

namespace pigeon::preflight {
namespace {

constexpr std::string_view kPlace = "web.listen";
constexpr const char* kCure = "write \"127.0.0.1:8080\", or \"unix:/run/carrier-pigeon-web/web.sock\"";
constexpr int kFirstFreePort = 1024;

// The unit's RuntimeDirectory: it is there while the service runs, and made for it.
constexpr const char* kRuntimeFolder = "/run/carrier-pigeon";
// The package's too (systemd/carrier-pigeon.tmpfiles), but made when the machine starts: it is also the
// front's.
constexpr const char* kFrontsFolder = "/run/carrier-pigeon-web";

// "unix": its file. True: an attempt to listen tells more.
bool check_socket_file(ConfigFile& file, const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder == kRuntimeFolder && ::access(folder.c_str(), F_OK) != 0) return false;
  if (folder == kFrontsFolder && ::access(folder.c_str(), F_OK) != 0) {
    note(file, kPlace, "the folder " + folder + " is missing",
         "make it: sudo systemd-tmpfiles --create carrier-pigeon.conf");
    return false;
  }
  if (!check_folder(file, kPlace, folder)) return false;
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || S_ISSOCK(status.st_mode)) return true;
  note(file, kPlace, path + " is there already, and no socket", "move it away, or take another path");
  return false;
}

void try_to_listen(ConfigFile& file, const web::ListenAddress& address) {
  const auto can = web::can_listen(address);
  if (can) return;
  const Error& error = can.error();
  const std::size_t end = error.message.find("; ");
  std::string cure = end == std::string::npos ? kCure : error.message.substr(end + 2);
  if (error.code == Errc::denied && address.port < kFirstFreePort)
    cure = "take a port from 1024 on: smaller ones are for root";
  note(file, kPlace, error.message.substr(0, end), cure);
  if (error.code == Errc::conflict) file.mistakes.back().passing = Mistake::Passing::ends;
}

}  // namespace

void check_listen(ConfigFile& file, bool has_daemon) {
  if (file.is_wrong(kPlace)) return;
  if (file.config.web.listen.empty() && file.config.x.by_pin) return;  // nobody is to come
  const auto address = web::parse_listen(file.config.web.listen);
  if (!address) {
    const std::string& message = address.error().message;
    const std::size_t end = message.find("; ");
    note(file, kPlace, message.substr(0, end), end == std::string::npos ? kCure : message.substr(end + 2));
    return;
  }
  const bool local = address->family == web::ListenAddress::Family::unix_socket;
  if (!local && address->port == 0) {
    note(file, kPlace, "port 0 is another one at every start, which no front would find", kCure);
    return;
  }
  if (local && !check_socket_file(file, address->path)) return;
  if (!has_daemon) try_to_listen(file, *address);
}

void check_modems(ConfigFile& file) {
  if (file.is_wrong("modem.url")) return;
  for (std::size_t i = 0; i < file.config.modems.size(); ++i) {
    const std::string place = "modem[" + std::to_string(i) + "].url";
    if (!modem::parse_port_url(file.config.modems[i].url))
      note(file, place, "'" + file.config.modems[i].url + "' names no port",
           "write serial:auto, serial:imei=…, serial:/dev/…?baud=115200 or pty:/dev/pts/…");
  }
}

}  // namespace pigeon::preflight
