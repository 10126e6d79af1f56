// Comparing, applying and telling; see reload.h.
#include "daemon/reload.h"

#include <algorithm>
#include <array>
#include <exception>

#include "config/values.h"
#include "preflight/preflight.h"

namespace pigeon::daemon {
namespace {

constexpr const char* kTag = "pigeond";

bool can_change(const std::string& key) {
  constexpr std::array<std::string_view, 7> kLive = {
      "gateway.oldest",         "pairing.expires", "store.keep", "x.client_secret_file",
      "x.consumer_secret_file", "limits.",         "log."};
  return std::any_of(kLive.begin(), kLive.end(), [&key](std::string_view live) {
    return live.ends_with('.') ? key.starts_with(live) : key == live;
  });
}

void take_over(Config& running, const Config& fresh) {
  running.gateway.oldest = fresh.gateway.oldest;
  running.pairing.expires = fresh.pairing.expires;
  running.store.keep = fresh.store.keep;
  running.x.client_secret_file = fresh.x.client_secret_file;
  running.x.consumer_secret_file = fresh.x.consumer_secret_file;
  running.limits = fresh.limits;
  running.log = fresh.log;
}

std::string listed(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) text += (text.empty() ? "" : ", ") + key;
  return text;
}

}  // namespace

Changes compare(const Config& running, const Config& fresh) {
  const auto old_values = values_of(running);
  auto all = values_of(fresh);
  all.insert(old_values.begin(), old_values.end());  // keys of modems that are gone
  const auto fresh_values = values_of(fresh);
  Changes changes;
  for (const auto& [key, unused] : all) {
    const auto before = old_values.find(key);
    const auto after = fresh_values.find(key);
    if (before != old_values.end() && after != fresh_values.end() && before->second == after->second)
      continue;
    (can_change(key) ? changes.taken : changes.need_restart).push_back(key);
  }
  return changes;
}

log::Options with_file(log::Options options, const LogConfig& file) {
  if (file.verbose) options.level = log::Level::debug;
  options.personal_info = options.personal_info || file.personal_info;
  return options;
}

bool Reloader::reload() noexcept {
  try {
    if (try_reload()) return true;
    log::error(kTag, "not reloaded: the configuration that runs stays in force");
  } catch (const std::exception& error) {
    log::error(kTag, std::string("not reloaded: ") + error.what());
  }
  return false;
}

bool Reloader::try_reload() {
  const ConfigFile file = preflight::examine(parts_.path);
  for (const Mistake& mistake : file.mistakes) log::error(kTag, in_one_line(mistake, file.source));
  if (!preflight::may_start(file)) return false;
  const auto applied = parts_.apply(file.config);
  if (!applied) {
    log::error(kTag, applied.error().message);
    return false;
  }
  log::configure(with_file(parts_.options, file.config.log));
  tell(compare(running_, file.config), *applied);
  take_over(running_, file.config);
  return true;
}

void Reloader::tell(const Changes& changes, bool secret_changed) const {
  std::vector<std::string> taken = changes.taken;
  if (secret_changed) taken.emplace_back("the app's secret");
  log::notice(kTag, "reloaded; " + (taken.empty() ? "nothing has changed" : "changed: " + listed(taken)));
  if (!changes.need_restart.empty())
    log::warning(kTag,
                 "needs a restart: " + listed(changes.need_restart) + " (systemctl restart carrier-pigeon)");
}

}  // namespace pigeon::daemon
