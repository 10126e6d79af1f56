// What each fault does; see modem_faults.h.
#include "sim/modem/modem_faults.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace pigeon::sim {
namespace {

using Kind = Intervention::Kind;

constexpr std::array kRefusals = {
    "\r\n+CMS ERROR: 500\r\n", "\r\n+CMS ERROR: 314\r\n", "\r\n+CMS ERROR: 302\r\n",
    "\r\n+CMS ERROR: 320\r\n", "\r\n+CMS ERROR: 321\r\n", "\r\n+CMS ERROR: 322\r\n",
    "\r\n+CMS ERROR: 332\r\n", "\r\n+CME ERROR: 14\r\n",  "\r\nERROR\r\n"};
constexpr std::array kNoise = {"\r\n^RSSI:9\r\n",
                               "\r\n+CREG: 1,\"0B\r\n",
                               "\r\nRING\r\n",
                               "\r\n+CMTI: \"SM\",7\r\n",
                               "\r\n^SMMEMFULL: \"SM\"\r\n",
                               "\xff\xfe",
                               "\xff\r\n"};
constexpr std::string_view kGarbage = "\xff\xfe\xf0\x80U*\r\n\xff\r\n";
constexpr std::string_view kBoot = "\xff\xfeU*\xf0\r\nRDY\r\n\r\n+CPIN: READY\r\n\r\nSMS DONE\r\n";

constexpr std::size_t kLongestDiary = 1000;

// Whether it comes when the command has been carried out.
bool is_late(Fault fault) {
  switch (fault) {
    case Fault::answer_lost:
    case Fault::noise:
    case Fault::late_restart:
    case Fault::silent_restart:
    case Fault::late_unplugged:
      return true;
    case Fault::refused:
    case Fault::unheard:
    case Fault::two_results:
    case Fault::spare_result:
    case Fault::hang:
    case Fault::dead:
    case Fault::restart:
    case Fault::unplugged:
    case Fault::bad_slot:
      return false;
  }
  return false;
}

}  // namespace

std::string_view word_of(Fault fault) {
  constexpr std::array<std::string_view, kFaults.size()> kWords = {
      "refused", "unheard", "answer lost",  "two results",    "spare result", "noise",       "hang",
      "dead",    "restart", "late restart", "silent restart", "unplugged",    "late unplug", "bad slot"};
  return kWords.at(static_cast<std::size_t>(fault));
}

ModemFaults::ModemFaults(SimModem& modem, unsigned seed, const FaultTimes& times)
    : modem_(modem), times_(times), random_(seed), whole_since_(steady_now()) {
  modem_.before_command([this](std::string_view line) { return before(line); });
  modem_.after_command([this](std::string_view) { return after(); });
}

ModemFaults::~ModemFaults() {
  modem_.before_command({});
  modem_.after_command({});
}

void ModemFaults::draw(unsigned rarity) {
  const std::lock_guard lock(mutex_);
  rarity_ = rarity;
}

void ModemFaults::strike(Fault fault, int step) {
  const std::lock_guard lock(mutex_);
  wanted_ = fault;
  steps_left_ = step;
}

void ModemFaults::end() {
  const std::lock_guard lock(mutex_);
  rarity_ = 0;
  wanted_.reset();
}

void ModemFaults::pull() {
  const std::lock_guard lock(mutex_);
  pull_locked();
}

void ModemFaults::tend() {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = steady_now();
  if (readable_at_ && now >= *readable_at_) {
    readable_at_.reset();
    ModemHabits habits = modem_.habits();
    habits.bad_slot.reset();
    modem_.set_habits(std::move(habits));
    note("(the slot can be read)");
    whole_since_ = std::max(whole_since_, now);
  }
  if (!back_at_ || now < *back_at_) return;
  back_at_.reset();
  is_dead_ = is_gone_ = false;
  garbage_first_ = true;
  note("(plugged in)");
  modem_.plug_in();
  whole_since_ = now;
}

bool ModemFaults::has_struck() const {
  const std::lock_guard lock(mutex_);
  return !wanted_;
}

std::optional<SteadyTime> ModemFaults::whole_since() const {
  const std::lock_guard lock(mutex_);
  if (is_dead_ || is_gone_ || readable_at_ || whole_since_ > steady_now()) return std::nullopt;
  return whole_since_;
}

std::map<Fault, int> ModemFaults::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::vector<DiaryEntry> ModemFaults::diary(SteadyTime since) const {
  const std::lock_guard lock(mutex_);
  std::vector<DiaryEntry> entries;
  for (const DiaryEntry& entry : diary_) {
    if (entry.at >= since) entries.push_back(entry);
  }
  return entries;
}

void ModemFaults::note(std::string words, std::optional<Fault> fault) {
  diary_.push_back({steady_now(), std::move(words), fault});
  if (diary_.size() > kLongestDiary) diary_.pop_front();
}

// Both are called on the modem's thread.
Intervention ModemFaults::before(std::string_view line) {
  const std::lock_guard lock(mutex_);
  late_.reset();
  note(std::string(line));
  if (is_dead_ && ascii_iequals(line, "AT+CFUN=1,1")) {
    is_dead_ = false;
    back_at_.reset();
    return restart(true);
  }
  if (is_dead_) return {Kind::silence};
  if (std::exchange(garbage_first_, false)) modem_.inject(kGarbage);
  const auto fault = due();
  if (!fault) return {};
  ++counts_[*fault];
  diary_.back().fault = fault;
  // A network may take that long for a PDU, so the host cannot know before that nothing comes.
  lasts(line.starts_with("PDU ") ? times_.sending : milliseconds(0));
  if (!is_late(*fault)) return begin(*fault);
  late_ = fault;
  return {};
}

Intervention ModemFaults::after() {
  const std::lock_guard lock(mutex_);
  return late_ ? finish(*std::exchange(late_, std::nullopt)) : Intervention{};
}

std::optional<Fault> ModemFaults::due() {
  if (wanted_ && --steps_left_ <= 0) return std::exchange(wanted_, std::nullopt);
  if (rarity_ == 0 || draw_below(rarity_) != 0) return std::nullopt;
  return kFaults.at(draw_below(kFaults.size()));
}

Intervention ModemFaults::begin(Fault fault) {
  switch (fault) {
    case Fault::refused:
      return {Kind::answer, kRefusals.at(draw_below(kRefusals.size()))};
    case Fault::unheard:
      return {Kind::silence};
    case Fault::two_results:
      return {Kind::answer, "\r\nERROR\r\n\r\nOK\r\n"};
    case Fault::spare_result:
      modem_.inject("\r\nOK\r\n");
      return {};
    case Fault::hang: {
      const milliseconds time = drawn(times_.shortest_hang, times_.longest_hang);
      lasts(time);
      return {Kind::hang, {}, time};
    }
    case Fault::dead:
      is_dead_ = true;
      back_at_ = steady_now() + times_.dead;
      return {Kind::silence};
    case Fault::restart:
      return restart(true);
    case Fault::unplugged:
      pull_locked();
      return {};
    case Fault::bad_slot: {
      ModemHabits habits = modem_.habits();
      habits.bad_slot = 1 + static_cast<int>(draw_below(3));
      modem_.set_habits(std::move(habits));
      readable_at_ = steady_now() + times_.bad_slot;
      return {};
    }
    case Fault::answer_lost:
    case Fault::noise:
    case Fault::late_restart:
    case Fault::silent_restart:
    case Fault::late_unplugged:
      break;
  }
  return {};
}

Intervention ModemFaults::finish(Fault fault) {
  if (fault == Fault::noise) return noise();
  if (fault == Fault::late_restart) return restart(true);
  if (fault == Fault::silent_restart) return restart(false);
  if (fault != Fault::late_unplugged) return {Kind::silence};
  pull_locked();
  return {};
}

Intervention ModemFaults::noise() {
  Intervention within;
  within.answer = kNoise.at(draw_below(kNoise.size()));
  within.at = draw_below(1000);
  return within;
}

Intervention ModemFaults::restart(bool tells) {
  lasts(times_.boot);
  return {Kind::restart, std::string(tells ? kBoot : ""), times_.boot};
}

void ModemFaults::pull_locked() {
  note("(pulled out)");
  is_dead_ = false;
  is_gone_ = true;
  back_at_ = steady_now() + drawn(milliseconds(1), times_.gone);
  modem_.unplug();
}

void ModemFaults::lasts(milliseconds time) {
  whole_since_ = std::max(whole_since_, steady_now() + time);
}

// Short ones as often as long ones.
milliseconds ModemFaults::drawn(milliseconds least, milliseconds most) {
  const double share = static_cast<double>(draw_below(1001)) / 1000;
  const double low = std::log(static_cast<double>(least.count()));
  const double high = std::log(static_cast<double>(most.count()));
  return milliseconds(std::lround(std::exp(low + (high - low) * share)));
}

}  // namespace pigeon::sim
