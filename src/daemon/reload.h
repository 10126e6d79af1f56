// A configuration that is read again while the daemon runs (SIGHUP, `systemctl reload`): what can change
// changes, what cannot is named, and where anything is wrong the one that runs stays as it is.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "config/config.h"

namespace pigeon::daemon {

// The keys whose values differ, by what becomes of them.
struct Changes {
  std::vector<std::string> taken;         // at once
  std::vector<std::string> need_restart;  // addresses, the database, modems: they keep their old values
};
[[nodiscard]] Changes compare(const Config& running, const Config& fresh);

// What the command line asks for is asked for whatever the file says.
[[nodiscard]] log::Options with_file(log::Options options, const LogConfig& file);

// Belongs to main's thread.
class Reloader {
 public:
  struct Parts {
    std::string path;      // of the configuration
    log::Options options;  // of the command line
    // Hands what can change to the threads; nothing changed when it fails. True: the client secret is another
    // one now.
    std::function<Result<bool>(const Config& fresh)> apply;
  };
  // `running`: what the daemon was made with.
  Reloader(Parts parts, Config running) : parts_(std::move(parts)), running_(std::move(running)) {}

  // Reads, looks, applies and logs what came of it. True: the fresh one is in force. Throws nothing.
  bool reload() noexcept;

 private:
  bool try_reload();
  void tell(const Changes& changes, bool secret_changed) const;

  Parts parts_;
  Config running_;  // what is in force
};

}  // namespace pigeon::daemon
