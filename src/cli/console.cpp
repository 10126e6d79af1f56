// Between the command line and the commands; see console.h.
#include "cli/console.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <span>

#include "base/paragraph.h"
#include "base/text.h"
#include "cli/command_line.h"
#include "cli/help.h"
#include "cli/pdu_json.h"
#include "control/protocol.h"

namespace pigeon::cli {
namespace {

// Of --config, else of the environment, else the usual place.
std::string config_path_of(const CommandLine& line) {
  if (!line.config_path.empty()) return line.config_path;
  const char* named = std::getenv("PIGEON_CONFIG");
  return named != nullptr && *named != '\0' ? named : kDefaultConfigPath;
}

int show_help(const CommandLine& line, std::span<const Command> table, bool colour, std::ostream& out) {
  if (line.json)
    out << help_as_json(table);
  else if (line.command != nullptr)
    out << help_on(*line.command, colour);
  else
    out << help_on_all(table, line.group, colour);
  return kFine;
}

}  // namespace

bool wants_colour() {
  const char* term = std::getenv("TERM");
  const char* refused = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0') && term != nullptr &&
         std::string_view(term) != "dumb";
}

int complain(std::ostream& err, const std::string& what, std::string_view cure, int status) {
  err << paragraph("pigeon: ", escape_controls(what), kWidth);
  if (!cure.empty()) err << paragraph("  → ", escape_controls(cure), kWidth);
  return status;
}

int complain(const Call& call, std::string_view code, const std::string& what, std::string_view cure,
             int status) {
  if (call.json) call.out << dumped({{"error", {{"code", code}, {"message", what}, {"cure", cure}}}}) << "\n";
  return complain(call.err, what, cure, status);
}

std::optional<Config> configuration(const Call& call) {
  ConfigFile file = read_config_file(call.config_path);
  if (file.mistakes.empty()) return std::move(file.config);
  const Mistake& first = file.mistakes.front();
  const std::string place = first.line > 0 ? file.source + ":" + std::to_string(first.line) : file.source;
  complain(call, "configuration", place + ": " + first.what, first.cure, kUsage);
  if (file.mistakes.size() > 1)
    call.err << paragraph("  → ", "there is more: 'pigeon config check' names all mistakes", kWidth);
  return std::nullopt;
}

int cannot_read(const Call& call, const Config& config, const Error& error) {
  const std::string folder = std::filesystem::path(config.store.path).parent_path().string();
  const bool no_folder = ::access(folder.c_str(), F_OK) != 0 && errno == ENOENT;
  std::string cure;
  if (error.code == Errc::denied)
    cure = "the database belongs to pigeond's user alone: ask again with sudo";
  else if (error.code == Errc::not_found && no_folder)
    cure = "the folder " + folder + " is missing: 'pigeon config check' says what pigeond needs";
  else if (error.code == Errc::not_found)
    cure = "pigeond has not run with it yet: sudo systemctl start carrier-pigeon";
  return complain(call, control::word_of(error.code), error.message, cure,
                  no_folder || error.code == Errc::unsupported ? kUsage : kWrong);
}

int run(std::span<const Command> table, std::span<const std::string> words, std::istream& in,
        std::ostream& out, std::ostream& err) {
  CommandLine line = read_command_line(table, words);
  const bool colour = wants_colour();
  const Call misused{{}, line.json, colour, {}, {}, in, out, err};
  if (line.misuse) return complain(misused, "usage", line.misuse->what, line.misuse->cure, kUsage);
  if (line.help) return show_help(line, table, colour, out);
  if (line.version) {
    out << "pigeon " PIGEON_VERSION "\n";
    return kFine;
  }
  if (!line.group.empty()) {
    if (line.json)
      return complain(misused, "usage", "which command of '" + line.group + "'?",
                      "'pigeon help " + line.group + "' lists what there is", kUsage);
    err << help_on_all(table, line.group, false);
    return kUsage;
  }
  const Command& command = line.command != nullptr ? *line.command : table.front();
  return command.run({config_path_of(line), line.json, colour, std::move(line.arguments),
                      std::move(line.options), in, out, err});
}

}  // namespace pigeon::cli
