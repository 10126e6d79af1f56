// The ladder; see indications.h.
#include "modem/driver/indications.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <span>
#include <utility>

#include "base/log.h"
#include "modem/at/at_errors.h"

namespace pigeon::modem {
namespace {

std::string to_text(const CnmiSettings& settings) {
  std::string text;
  for (const int value : settings) text += (text.empty() ? "" : ",") + std::to_string(value);
  return text;
}

bool allows(const std::array<std::vector<int>, 5>& choices, const CnmiSettings& settings) {
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const auto& allowed = choices[i];
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), settings[i]) == allowed.end())
      return false;
  }
  return true;
}

// The family's ladder, what =? allows first: the list lies in both directions, so the rest is tried as well.
// Some modems only know 1 (flush or discard) as their fifth value.
std::vector<CnmiSettings> ladder_for(std::span<const CnmiSettings> rungs,
                                     const std::array<std::vector<int>, 5>& choices) {
  std::vector<CnmiSettings> ladder(rungs.begin(), rungs.end());
  const auto& buffering = choices[4];
  if (!buffering.empty() && std::find(buffering.begin(), buffering.end(), 0) == buffering.end()) {
    for (CnmiSettings& rung : ladder) rung[4] = buffering.front();
  }
  std::stable_partition(ladder.begin(), ladder.end(),
                        [&](const CnmiSettings& rung) { return allows(choices, rung); });
  return ladder;
}

// What the ladder would settle on, whatever the modem wants as its fifth value.
bool is_best(const CnmiSettings& settings, std::span<const CnmiSettings> ladder) {
  return std::equal(settings.begin(), settings.end() - 1, ladder.front().begin());
}

// What modems have made of a rung that they took and did not keep, in the life of the process: asked for the
// same again they would only write their flash again. Threads of several modems share it.
class SettledBefore {
 public:
  void keep(const std::string& modem, const CnmiSettings& effective) {
    const std::lock_guard lock(mutex_);
    if (!modem.empty()) settled_[modem] = effective;
  }
  bool is(const std::string& modem, const CnmiSettings& effective) {
    const std::lock_guard lock(mutex_);
    const auto known = settled_.find(modem);
    return known != settled_.end() && known->second == effective;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, CnmiSettings> settled_;
};

SettledBefore& settled_before() {
  static SettledBefore memory;
  return memory;
}

}  // namespace

Indications::Indications(Line& line, const Profile& profile, const std::string& modem)
    : line_(line), profile_(profile), modem_(modem) {}

Result<void> Indications::choose() {
  settled_.clear();
  announces_reports_ = false;
  const auto now = current();
  if (!now) return tl::unexpected(now.error());
  if (*now && (is_best(**now, profile_.indications) || settled_before().is(modem_, **now)) && adopt(**now)) {
    told_of_silence_ = false;
    return {};
  }
  const auto known = line_.ask({"AT+CNMI=?", line_.timeouts().answer});
  if (!known && known.error().code != Errc::timeout) return tl::unexpected(known.error());
  const auto choices =
      known && known->ok() ? parse_cnmi_choices(known->text()) : decltype(parse_cnmi_choices("")){};
  const auto taken = climb(ladder_for(profile_.indications, choices), *now);
  if (!taken && taken.error().code != Errc::busy) return tl::unexpected(taken.error());
  if (announces_messages()) {
    told_of_silence_ = false;
  } else if (!std::exchange(told_of_silence_, true)) {
    log::warning(
        line_.tag(),
        "the modem announces no messages (every AT+CNMI was refused): they are found by listing only");
  }
  return {};
}

Result<std::optional<CnmiSettings>> Indications::current() {
  const auto read = line_.ask(line_.patiently("AT+CNMI?"));
  if (!read) return tl::unexpected(read.error());
  return read->ok() && !read->damaged ? parse_cnmi(read->text()) : std::nullopt;
}

Result<void> Indications::climb(const std::vector<CnmiSettings>& ladder,
                                const std::optional<CnmiSettings>& current) {
  for (const CnmiSettings& rung : ladder) {
    if (current == rung && adopt(rung)) return {};
    const auto taken = take("AT+CNMI=" + to_text(rung), rung);
    if (!taken) return tl::unexpected(taken.error());
    if (*taken) return {};
  }
  // Old firmware knows two values only.
  for (const CnmiSettings& rung : {CnmiSettings{2, 1}, CnmiSettings{1, 1}}) {
    const auto taken = take("AT+CNMI=" + to_text(rung).substr(0, 3), rung);
    if (!taken) return tl::unexpected(taken.error());
    if (*taken) return {};
  }
  return {};
}

// A flash message comes directly from some modems whatever AT+CNMI says: only what can be read back tells.
Result<void> Indications::verify() {
  const auto effective = current();
  if (!effective) return tl::unexpected(effective.error());
  if (!*effective || to_text(**effective) == settled_) return {};
  log::notice(line_.tag(),
              "the modem has lost its setting of indications (CNMI " + to_text(**effective) + ")");
  return choose();
}

Result<bool> Indications::take(const std::string& line, const CnmiSettings& wanted) {
  const auto set = line_.ask(line_.when_ready(line));
  if (!set) return tl::unexpected(set.error());
  if (is_not_ready_yet(set->result)) return tl::unexpected(to_error("AT+CNMI", set->result));
  if (!set->ok()) return false;
  const auto effective = current();
  if (!effective) return tl::unexpected(effective.error());
  if (!adopt(effective->value_or(wanted))) return false;
  if (*effective && **effective != wanted) settled_before().keep(modem_, **effective);
  return true;
}

bool Indications::adopt(const CnmiSettings& effective) {
  if (effective[0] == 0 || effective[1] != 1) return false;
  settled_ = to_text(effective);
  announces_reports_ = effective[3] == 1;
  return true;
}

}  // namespace pigeon::modem
