// pigeond: the gateway's daemon. Reads the configuration, starts the house, waits for a signal, stops within
// 5 s (stopping.h has the exception). Exit status: 0 stopped as asked, 1 failed, 2 usage or configuration,
// also a key that does not belong to the database.
#include <malloc.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <iostream>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "config/config.h"
#include "daemon/clock_watch.h"
#include "daemon/daemon.h"
#include "daemon/reload.h"
#include "daemon/service_manager.h"
#include "daemon/status_line.h"
#include "daemon/stopping.h"
#include "daemon/watchdog.h"
#include "preflight/preflight.h"
#include "preflight/report.h"

namespace {

using namespace pigeon;

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr const char* kTag = "pigeond";
constexpr seconds kStorageRetry{5};

// Signals come in by descriptor; every thread that starts later inherits the mask.
struct Signals {
  Fd stop;    // SIGTERM, SIGINT
  Fd reload;  // SIGHUP, which ends nothing, whenever it comes
};

Fd descriptor_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

Signals block_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  return {descriptor_of({SIGTERM, SIGINT}), descriptor_of({SIGHUP})};
}

void clear(const Fd& signals) {
  signalfd_siginfo info{};
  while (::read(signals.get(), &info, sizeof info) > 0) {
  }
}

int end(std::unique_ptr<daemon::Daemon> daemon) {
  daemon::service_manager::stopping();
  daemon::service_manager::keep_alive();  // the last time; a stop ends by itself before the watchdog bites
  switch (daemon::stop(std::move(daemon))) {
    case daemon::Stopped::in_order:
      log::notice(kTag, "stopped");
      return EXIT_SUCCESS;
    case daemon::Stopped::in_a_step:
      log::warning(kTag, "stopped in the middle of a step; the next start goes on from there");
      std::_Exit(EXIT_SUCCESS);
    case daemon::Stopped::tokens_lost:
      break;
  }
  log::error(
      kTag,
      "stopped although new tokens of X are not in the database; whoever they are of may have to link again");
  std::_Exit(kFailed);
}

bool is_configuration_error(const Error& error) {
  return error.code == Errc::bad_input || error.code == Errc::not_found || error.code == Errc::denied ||
         error.code == Errc::unsupported;
}

std::string what_it_is(const daemon::Daemon& daemon, const Config& config) {
  std::string what = "carrier pigeon " PIGEON_VERSION " for " + log::masked(config.gateway.number);
  if (config.web.listen.empty()) return what + ", without web";
  what += ", web on ";
  return what + (daemon.web_port() > 0 ? "port " + std::to_string(daemon.web_port()) : config.web.listen);
}

bool is_damaged(const daemon::Daemon& daemon) {
  const auto failure = daemon.storage_failure();
  return failure && failure->kind == store::StorageFailure::Kind::damaged;
}

// The box as it is now: its storage tried while it fails, its line told; the end when the database is
// damaged.
daemon::Watch::Look look_at(daemon::Daemon& daemon, daemon::StatusLine& line) {
  if (is_damaged(daemon)) return {.go_on = false};
  if (daemon.storage_failure()) daemon.try_storage();
  line.refresh();
  if (!daemon.storage_failure()) return {};
  return {.again = steady_now() + kStorageRetry};
}

// Until a signal asks for the end, or the database is found to be damaged.
void serve(daemon::Daemon& daemon, daemon::Reloader& reloader, const Signals& signals,
           daemon::StatusLine& line) {
  daemon::ClockWatch clock;
  daemon::keep_watch({.until_fd = signals.stop.get(),
                      .interval = daemon::service_manager::keep_alive_interval(),
                      .stuck = [&daemon] { return daemon.stuck(); },
                      .feed = daemon::service_manager::keep_alive,
                      .clock_fd = clock.fd(),
                      .clock_set =
                          [&daemon, &clock] {
                            clock.clear();
                            daemon.clock_set();
                          },
                      .reload_fd = signals.reload.get(),
                      .reload =
                          [&] {
                            clear(signals.reload);
                            daemon::service_manager::reloading();
                            line.note(reloader.reload() ? "" : "the last reload failed, see the log");
                            line.refresh();
                            daemon::service_manager::ready(line.told());
                          },
                      .news_fd = daemon.news().fd(),
                      .look =
                          [&daemon, &line] {
                            daemon.news().clear();
                            return look_at(daemon, line);
                          }});
}

// A start would only meet the damage again, so that systemd is told not to try.
int end_damaged(std::unique_ptr<daemon::Daemon> daemon, const std::string& database) {
  log::error(kTag, database + " is damaged; " +
                       std::string(store::words_of(store::ConditionCode::storage_damaged).cure));
  end(std::move(daemon));
  return kUsage;
}

struct Created {
  std::unique_ptr<daemon::Daemon> daemon;  // null: it ends with `status`
  int status = EXIT_SUCCESS;
};

// The daemon, as soon as its storage can be opened: a full disk, a card that stumbles and who else has the
// database in hand are waited for, because another start would only meet them again.
Created create(const Config& config, const Signals& signals) {
  for (bool told = false;; told = true) {
    auto daemon = daemon::Daemon::create(config);
    if (daemon) return {std::move(*daemon)};
    const Error& error = daemon.error();
    if (error.code != Errc::io || error.retry != Retry::yes) {
      log::error(kTag, error.message);
      return {nullptr, is_configuration_error(error) ? kUsage : kFailed};
    }
    log::error(kTag, "waiting for the storage: " + error.message);
    if (!told) daemon::service_manager::ready("waiting for the storage: " + escape_controls(error.message));
    const SteadyTime next = steady_now() + kStorageRetry;
    bool stopped = true;  // unless it is only time for the next try
    daemon::keep_watch({.until_fd = signals.stop.get(),
                        .interval = daemon::service_manager::keep_alive_interval(),
                        .stuck = [] { return std::string(); },
                        .feed = daemon::service_manager::keep_alive,
                        .look = [&]() -> daemon::Watch::Look {
                          stopped = steady_now() < next;
                          return {.go_on = stopped, .again = next};
                        }});
    if (stopped) return {nullptr};
  }
}

int run(const std::string& config_path, const log::Options& log_options) {
  const Signals signals = block_signals();
  const ConfigFile file = preflight::examine(config_path);
  for (const Mistake& mistake : file.mistakes) log::error(kTag, in_one_line(mistake, file.source));
  if (!preflight::may_start(file)) return preflight::exit_status(file);
  log::configure(daemon::with_file(log_options, file.config.log));
  Created created = create(file.config, signals);
  if (!created.daemon) return created.status;
  daemon::Daemon& daemon = *created.daemon;
  daemon.start();
  const std::string what = what_it_is(daemon, file.config);
  log::notice(kTag, what);
  daemon::StatusLine line(what, {.conditions = [&daemon] { return daemon.conditions(); },
                                 .tell = daemon::service_manager::status});
  daemon::service_manager::ready(what);
  daemon::Reloader reloader(
      {config_path, log_options, [&daemon](const Config& fresh) { return daemon.apply(fresh); }},
      file.config);
  serve(daemon, reloader, signals, line);
  if (is_damaged(daemon)) return end_damaged(std::move(created.daemon), file.config.store.path);
  return end(std::move(created.daemon));
}

}  // namespace

int main(int argc, char** argv) {
  // Threads here allocate little and seldom at the same time: one arena keeps the resident set small.
  ::mallopt(M_ARENA_MAX, 1);
  ::umask(S_IRWXG | S_IRWXO);  // whatever it makes is its own, however it was started
  CLI::App cli("The SMS gateway's daemon: texts in, posts out.", "pigeond");
  std::string config_path = kDefaultConfigPath;
  log::Options log_options;
  bool verbose = false;
  bool check_only = false;
  cli.add_option("--config", config_path, "Configuration file")
      ->envname("PIGEON_CONFIG")
      ->capture_default_str();
  cli.add_flag("--log-personal-info", log_options.personal_info, "Log phone numbers and texts in clear");
  cli.add_flag("--verbose", verbose, "Log every step");
  cli.add_flag("--check-config", check_only,
               "Say whether a start would succeed, as 'pigeon config check' does");
  cli.set_version_flag("--version", "pigeond " PIGEON_VERSION);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? EXIT_SUCCESS : kUsage;
  }
  if (verbose) log_options.level = log::Level::debug;
  log_options.journald_prefix = std::getenv("JOURNAL_STREAM") != nullptr;
  log::configure(log_options);
  try {
    if (check_only) return preflight::check(config_path, false, std::cout);
    return run(config_path, log_options);
  } catch (const std::exception& error) {
    log::error(kTag, error.what());
    return kFailed;
  }
}
