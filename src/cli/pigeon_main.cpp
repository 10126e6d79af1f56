// pigeon: the operator's command line. Without a command it prints the box's state.
// Exit status: 0 all is well, 1 something is wrong, 2 usage or configuration.
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>

#include "cli/pdu_command.h"
#include "cli/pdu_json.h"
#include "cli/quarantine_command.h"
#include "cli/status_report.h"
#include "config/config.h"
#include "preflight/report.h"

namespace {

using namespace pigeon;

constexpr int kWrong = 1;
constexpr int kUsage = 2;

bool wants_colour() {
  const char* term = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr && term != nullptr &&
         std::string_view(term) != "dumb";
}

int complain(const Error& error, int status) {
  std::cerr << "pigeon: " << error.message << "\n";
  return status;
}

// The database gives no answer: what to do, and whether that is a matter of the configuration.
int cannot_read(const std::string& database, Error error) {
  const std::string folder = std::filesystem::path(database).parent_path().string();
  const bool no_folder = ::access(folder.c_str(), F_OK) != 0;
  if (error.code == Errc::not_found && no_folder)
    error.message += "; the folder " + folder + " is missing: 'pigeon config check' says what pigeond needs";
  else if (error.code == Errc::not_found)
    error.message += "; pigeond has not run with it yet: systemctl start carrier-pigeon";
  else if (error.code == Errc::denied)
    error.message += "; ask with sudo";
  return complain(error, no_folder || error.code == Errc::unsupported ? kUsage : kWrong);
}

// Nothing, said on standard error: the file is wrong.
std::optional<Config> read_config(const std::string& path) {
  const ConfigFile file = read_config_file(path);
  if (file.mistakes.empty()) return file.config;
  std::string words = in_one_line(file.mistakes.front(), file.source);
  if (file.mistakes.size() > 1) words += "\npigeon: and more: 'pigeon config check' names all mistakes";
  complain({Errc::bad_input, words}, kUsage);
  return std::nullopt;
}

int status(const std::string& config_path, bool json) {
  const auto config = read_config(config_path);
  if (!config) return kUsage;
  const auto report = cli::read_status(*config);
  if (!report) return cannot_read(config->store.path, report.error());
  if (json)
    std::cout << cli::dumped(cli::to_json(*report)) << "\n";
  else
    std::cout << cli::to_text(*report, utc_now(), wants_colour());
  return report->problems.empty() ? EXIT_SUCCESS : kWrong;
}

// The quarantine's list, or one of its parts.
int quarantine(const std::string& config_path, std::optional<std::int64_t> id, bool json) {
  const auto config = read_config(config_path);
  if (!config) return kUsage;
  const auto store = cli::open_store(*config);
  if (!store) return cannot_read(config->store.path, store.error());
  if (!id) {
    cli::list_quarantine(**store, json, std::cout);
    return EXIT_SUCCESS;
  }
  const auto shown = cli::show_quarantined(**store, *id, json, std::cout);
  return shown ? EXIT_SUCCESS : complain(shown.error(), kUsage);
}

}  // namespace

int main(int argc, char** argv) {
  ::umask(S_IRWXG | S_IRWXO);  // SQLite makes files beside the database
  CLI::App cli("Carrier Pigeon: look after the SMS gateway on this box.", "pigeon");
  std::string config_path = kDefaultConfigPath;
  bool json = false;
  cli.add_option("--config", config_path, "Configuration file")
      ->envname("PIGEON_CONFIG")
      ->capture_default_str();
  cli.add_flag("--json", json, "Machine-readable output");
  cli.set_version_flag("--version", "pigeon " PIGEON_VERSION);
  cli.require_subcommand(0, 1);
  CLI::App* status_command = cli.add_subcommand("status", "The state of the box (the default)");
  CLI::App* pdu = cli.add_subcommand("pdu", "Decode and encode SMS PDUs, a line each");
  pdu->require_subcommand(1);
  CLI::App* decode = pdu->add_subcommand("decode", "PDUs in hex on standard input, JSON objects out");
  CLI::App* encode = pdu->add_subcommand("encode", "JSON objects on standard input, PDUs in hex out");
  for (CLI::App* command : {status_command, decode, encode}) command->fallthrough();
  CLI::App* config = cli.add_subcommand("config", "Look after the configuration");
  config->require_subcommand(1);
  CLI::App* check = config->add_subcommand("check", "Whether pigeond would start: all mistakes at once");
  check->fallthrough();
  config->fallthrough();
  CLI::App* kept = cli.add_subcommand("quarantine", "Look at the messages that could not be read");
  kept->require_subcommand(1);
  CLI::App* kept_list = kept->add_subcommand("list", "The newest hundred");
  CLI::App* kept_show = kept->add_subcommand("show", "One of them, with everything");
  std::int64_t part = 0;
  kept_show->add_option("ID", part, "Its id in the list")->required();
  for (CLI::App* command : {kept, kept_list, kept_show}) command->fallthrough();
  pdu->fallthrough();
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? EXIT_SUCCESS : kUsage;
  }
  try {
    if (decode->parsed()) return cli::run_pdu_decode(std::cin, std::cout);
    if (encode->parsed()) return cli::run_pdu_encode(std::cin, std::cout);
    if (check->parsed()) return preflight::check(config_path, json, std::cout);
    if (kept_list->parsed()) return quarantine(config_path, std::nullopt, json);
    if (kept_show->parsed()) return quarantine(config_path, part, json);
    return status(config_path, json);
  } catch (const std::exception& error) {
    return complain({Errc::io, error.what(), Retry::no}, kWrong);
  }
}
