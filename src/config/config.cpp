// Reading a configuration with all its mistakes; see config.h. toml_text.h parses, reader.h holds the
// contract.
#include "config/config.h"

#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/file.h"
#include "config/reader.h"
#include "config/toml_text.h"

namespace pigeon {
namespace {

struct Unit {
  std::string_view name;
  milliseconds length;
};
constexpr std::array kUnits = {Unit{"d", std::chrono::hours(24)}, Unit{"h", std::chrono::hours(1)},
                               Unit{"m", std::chrono::minutes(1)}, Unit{"s", seconds(1)},
                               Unit{"ms", milliseconds(1)}};

Result<Config> values_alone(ConfigFile file) {
  if (file.mistakes.empty()) return std::move(file.config);
  return fail(Errc::bad_input, in_lines(file.mistakes, file.source));
}

// Where the commented example was installed, by a package or by hand; without either, its place in the
// source.
std::string example_place() {
  for (const char* place : {"/usr/share/doc/carrier-pigeon/examples/pigeon.toml",
                            "/usr/local/share/doc/carrier-pigeon/examples/pigeon.toml"}) {
    if (::access(place, R_OK) == 0) return place;
  }
  return "image/pigeon.toml";
}

// How the example comes to `path`, with the folder that is to hold it, so that the service may read it.
std::string copying_cure(const std::string& path) {
  const bool is_services = path == kDefaultConfigPath && ::getgrnam("carrier-pigeon") != nullptr;
  const bool is_roots = ::access("/etc", W_OK) != 0 && path.starts_with("/etc/");
  return std::string(is_services || is_roots ? "sudo " : "") + "install -D " +
         (is_services ? "-o root -g carrier-pigeon -m 640 " : "-m 644 ") + example_place() + " " + path;
}

}  // namespace

int ConfigFile::line_of(std::string_view place) const {
  if (const auto found = lines.find(place); found != lines.end()) return found->second;
  const auto section = lines.find(place.substr(0, place.find('.')));
  return section == lines.end() ? 1 : std::max(1, section->second);
}

bool ConfigFile::is_wrong(std::string_view key) const {
  return std::any_of(mistakes.begin(), mistakes.end(),
                     [key](const Mistake& mistake) { return mistake.key == key; });
}

ConfigFile read_config(std::string_view toml, const std::string& source) {
  ConfigFile file;
  file.source = source;
  TomlText text = parse_toml(toml);
  file.mistakes = std::move(text.mistakes);
  if (text.whole) read_contract(text, file);
  sort_by_line(file.mistakes);
  return file;
}

ConfigFile read_config_file(const std::string& path) {
  auto text = read_file(path);
  if (text) return read_config(*text, path);
  ConfigFile file;
  file.source = path;
  const std::string& message = text.error().message;
  Mistake mistake{.what = "the configuration cannot be read: " + message.substr(path.size() + 2)};
  if (text.error().code == Errc::not_found)
    mistake.cure = "copy the example there, or name another file with --config: " + copying_cure(path);
  else if (text.error().code == Errc::denied)
    mistake.cure = "this user may not read it: run this with sudo, or give the file to the user who runs it";
  else
    mistake.cure = "name a small text file with --config";
  file.mistakes.push_back(std::move(mistake));
  return file;
}

Result<Config> parse_config(std::string_view toml, const std::string& source) {
  return values_alone(read_config(toml, source));
}

Result<Config> load_config(const std::string& path) {
  return values_alone(read_config_file(path));
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  constexpr std::int64_t kMost = 1'000'000'000;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 0 || count > kMost) return std::nullopt;
  const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return unit.length * count;
  }
  return std::nullopt;
}

std::string to_text(milliseconds duration) {
  for (const Unit& unit : kUnits) {
    if (duration % unit.length == milliseconds(0))
      return std::to_string(duration / unit.length) + std::string(unit.name);
  }
  return {};
}

}  // namespace pigeon
