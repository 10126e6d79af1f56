// Secrets and folders; see checks.h.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/file.h"
#include "preflight/checks.h"
#include "preflight/service_user.h"

namespace pigeon::preflight {
namespace {

std::string words_of(int error_number) {
  return std::generic_category().message(error_number);
}

// The place's key as the operator writes it.
std::string key_of(std::string_view place) {
  std::string key(place);
  if (const std::size_t bracket = key.find('['); bracket != std::string::npos)
    key.erase(bracket, key.find(']') - bracket + 1);
  return key;
}

std::string cure_of(const Error& error, const std::string& path, const std::string& what_it_holds) {
  switch (error.code) {
    case Errc::not_found:
      return "write " + what_it_holds + " into that file (" + writing_cure(path) +
             ", paste, Enter, Ctrl-D), or correct the path";
    case Errc::denied:
      return "give it to the user who runs pigeond (chown), or look with sudo";
    case Errc::bad_input:
      return "write " + what_it_holds + " into it, on one line";
    default:
      return "name a file with " + what_it_holds + " in place of " + path;
  }
}

// The secret, or nothing when it cannot be had, which is noted.
std::string read_secret(ConfigFile& file, std::string_view place, const std::string& path,
                        const std::string& what_it_holds) {
  if (path.empty() || file.is_wrong(key_of(place))) return {};
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & 0007) != 0) {
    note(file, place, path + ": every user can read this secret", closing_cure(path));
    return {};
  }
  auto secret = read_secret_file(path);
  if (secret) return *secret;
  note(file, place, secret.error().message, cure_of(secret.error(), path, what_it_holds));
  return {};
}

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// VSCHAR, RFC 6749 §A.2; the consumer's is as plain.
void check_app_secret(ConfigFile& file, const std::string& place, const std::string& path,
                      const std::string& name) {
  const std::string secret = read_secret(file, place, path, "the app's " + name);
  if (std::any_of(secret.begin(), secret.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }))
    note(file, place, path + " holds more than one line", "leave nothing in it but the " + name);
}

}  // namespace

void note(ConfigFile& file, std::string_view place, const std::string& what, const std::string& cure) {
  const std::string key = key_of(place);
  file.mistakes.push_back({.line = file.line_of(place), .key = key, .what = key + ": " + what, .cure = cure});
}

bool check_folder(ConfigFile& file, std::string_view place, const std::string& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) {
    const bool missing = errno == ENOENT;
    note(file, place, "the folder " + folder + (missing ? " is missing" : ": " + words_of(errno)),
         missing ? "make it for the user who runs pigeond: mkdir -p -m 700 " + folder
                 : "let the user who runs pigeond in (chown, chmod), or look with sudo");
    return false;
  }
  if (!S_ISDIR(status.st_mode)) {
    note(file, place, folder + " is no folder", "move that file away, or correct the path");
    return false;
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    note(file, place, "nothing can be written in the folder " + folder + " (" + words_of(errno) + ")",
         "give it to the user who runs pigeond (chown), or look with sudo");
    return false;
  }
  return true;
}

void check_secrets(ConfigFile& file) {
  check_app_secret(file, "x.client_secret_file", file.config.x.client_secret_file, "client secret");
  check_app_secret(file, "x.consumer_secret_file", file.config.x.consumer_secret_file, "consumer secret");
  for (std::size_t i = 0; i < file.config.modems.size(); ++i) {
    const std::string pin_place = "modem[" + std::to_string(i) + "].pin_file";
    const std::string& path = file.config.modems[i].pin_file;
    const std::string pin = read_secret(file, pin_place, path, "the SIM's PIN");
    constexpr std::size_t kShortest = 4, kLongest = 8;  // 3GPP TS 31.101 §9.5.1
    if (!pin.empty() && (pin.size() < kShortest || pin.size() > kLongest || !is_digits(pin)))
      note(file, pin_place, path + " holds no PIN", "write its 4 to 8 digits, and nothing else");
  }
}

}  // namespace pigeon::preflight
