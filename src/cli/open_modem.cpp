// Choosing and opening; see open_modem.h.
#include "cli/open_modem.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "cli/console.h"
#include "cli/status_report.h"
#include "control/socket.h"

namespace pigeon::cli {

std::string option_of(const Call& call, std::string_view name) {
  const auto found = call.options.find(name);
  return found == call.options.end() ? std::string() : found->second;
}

const ModemConfig* modem_of(const Call& call, const Config& config) {
  const std::string name = option_of(call, "--modem");
  if (name.empty() && config.modems.size() == 1) return &config.modems.front();
  const auto found = std::find_if(config.modems.begin(), config.modems.end(),
                                  [&name](const ModemConfig& modem) { return modem.name == name; });
  if (found != config.modems.end()) return &*found;
  std::string names;
  for (const ModemConfig& modem : config.modems) names += (names.empty() ? "" : ", ") + modem.name;
  complain(call, "usage", name.empty() ? "which modem?" : "no modem '" + name + "' is configured",
           "--modem with one of: " + names, kUsage);
  return nullptr;
}

bool has_daemon(const std::string& database) {
  const auto listens = control::connect_to(control::socket_path(database));
  const bool nobody = !listens && listens.error().code == Errc::not_found;
  return !nobody || store::Store::is_owned(follow_links(database));
}

Result<std::unique_ptr<modem::SerialModem>> ModemOpener::open(const ModemConfig& modem,
                                                              modem::Traffic* traffic) {
  modem::ModemOptions options;
  options.name = modem.name;
  options.url = modem.url;
  options.traffic = traffic;
  if (!modem.pin_file.empty() && store().value_or(nullptr) != nullptr) {
    memories_.push_back(std::make_unique<transport::PinMemory>(modem.name, *store_));
    auto pin = read_secret_file(modem.pin_file);
    if (!pin) return fail("modem.pin_file", pin.error());
    options.pin = std::move(*pin);
    options.pin_memory = memories_.back().get();
  }
  auto opened = modem::SerialModem::open(options);
  if (!opened && !modem.pin_file.empty() && options.pin.empty() && opened.error().code == Errc::denied)
    return fail(Errc::denied,
                opened.error().message + " (the PIN is left to pigeond, which remembers its tries)");
  return opened;
}

// Only a database that is there and of this version: nothing is made and nothing changed for a look.
Result<store::Store*> ModemOpener::store() {
  if (store_) return store_.get();
  if (auto there = open_store(config_); !there) {
    if (there.error().code == Errc::not_found) return static_cast<store::Store*>(nullptr);
    return tl::unexpected(there.error());
  }
  auto owned = store::Store::open(follow_links(config_.store.path), config_.store.key_file);
  if (!owned) return fail("store", owned.error());
  store_ = std::move(*owned);
  return store_.get();
}

}  // namespace pigeon::cli
