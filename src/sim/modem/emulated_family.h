// The simulated modem in the manner of a family of dongles: its names, what it says at a start and at any
// time, its own commands, and what it is known to refuse, forget or get wrong. Written apart from the
// driver's table of profiles, which reads the other side.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "sim/modem/sim_modem.h"

namespace pigeon::sim {

// A command of the maker's own that keeps a value.
struct OwnSetting {
  std::string_view name;     // "^CURC", as the command and its answer have it
  std::string_view before;   // what stands between "=" and the value, in the command and in the answer
  std::string_view initial;  // at a start
};

// A command line, or its beginning where it ends in *, that is refused.
struct Refusal {
  std::string_view line;
  std::string_view result;  // "ERROR"
};

struct FamilyManner {
  std::string_view name;  // as the driver's profile of it is called, or that and what is special in it
  std::string_view manufacturer, model;
  int first_index = 1;
  std::span<const std::string_view> boot{};     // said when it is rebooted, a line each
  std::span<const std::string_view> chatter{};  // said ahead of answers, one after the other
  std::span<const OwnSetting> own{};
  std::span<const Refusal> refusals{};
  std::string_view quiet_setting{};   // "^CURC=0": no chatter while that holds
  std::string_view announces_with{};  // "+QURCCFG=all": indications come on this port while that holds only
  std::string_view opens_storage{};   // until that line nothing can be listed or read: +CMS ERROR: 321
  bool counts_late = false;           // the first AT+CPMS? after an arrival counts nothing
  bool loses_indications = false;     // none comes before the host has listed anew
  seconds deaf_after_start{0};
  std::span<const std::string_view> hears_again_by{};  // these lines, in this order, end a fall_deaf()
  std::string_view report_code = "+CDS: ";
  int report_slots = 0;                    // as in SimModemOptions
  std::string_view stored_report_named{};  // this and the next as in ModemHabits
  std::string_view said_when_full{};
};

[[nodiscard]] std::span<const FamilyManner> family_manners();
[[nodiscard]] const FamilyManner* find_manner(std::string_view name);  // null: there is none of that name

// Thread-safe. Takes the modem's before_command() and its habits; the modem outlives it.
class EmulatedFamily {
 public:
  // `base` with the family's names and the number of its first slot.
  [[nodiscard]] static SimModemOptions options(const FamilyManner& manner, SimModemOptions base = {});

  EmulatedFamily(const FamilyManner& manner, SimModem& modem);
  ~EmulatedFamily();
  EmulatedFamily(const EmulatedFamily&) = delete;
  EmulatedFamily& operator=(const EmulatedFamily&) = delete;

  // How long it is deaf after a start, in the place of what the family takes.
  void set_deaf_after_start(milliseconds time);
  // As a family does now and then that has hears_again_by: it hears nothing but those lines.
  void fall_deaf();
  // It is pulled and put back: settings are gone, and it boots.
  void restart();
  [[nodiscard]] std::vector<std::string> heard() const;  // command lines since the start

 private:
  Intervention before(std::string_view line);
  [[nodiscard]] std::string answer(std::string_view line);  // of the family's own; empty: as every modem
  [[nodiscard]] bool holds(std::string_view setting) const;
  [[nodiscard]] bool is_deaf(std::string_view line);  // notes what it hears for hears_again_by
  void power_up();
  void adapt_habits(std::string_view line);

  const FamilyManner& manner_;
  SimModem& modem_;
  mutable std::mutex mutex_;
  std::map<std::string_view, std::string> values_;  // of the own settings, by name
  std::vector<std::string> heard_;
  std::size_t next_chatter_ = 0;
  std::size_t counted_ = 0;  // messages, when AT+CPMS? was asked last
  bool is_open_ = false;     // the storage
  bool has_listed_ = false;
  milliseconds deaf_after_start_;
  SteadyTime deaf_until_{};
  std::span<const std::string_view> hears_again_by_{};  // what is to come still; empty: it is not deaf
};

}  // namespace pigeon::sim
