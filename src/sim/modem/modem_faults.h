// What goes wrong with a modem on a real line, played by the simulated one: a command is refused, lost or
// answered twice, other bytes stand within an answer, the modem hangs, starts anew or falls off the bus.
// Either drawn from a seed, for one command in so many, or once, at a given command.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "sim/modem/sim_modem.h"

namespace pigeon::sim {

enum class Fault {
  refused,         // an error in the place of what was asked
  unheard,         // the command is lost
  answer_lost,     // carried out, and nothing says so
  two_results,     // ERROR, and then OK
  spare_result,    // an OK that nobody asked for, ahead of the answer
  noise,           // lines of its own, or what is no text at all, within the answer
  hang,            // hears and says nothing for a while, then goes on
  dead,            // says nothing until it is told to reboot or is pulled out
  restart,         // before it carries the command out
  late_restart,    // after that, in the place of the answer
  silent_restart,  // as late_restart, but no line tells it
  unplugged,       // before it carries the command out
  late_unplugged,  // after that
  bad_slot,        // what lies in one slot cannot be read for a while
};
inline constexpr std::array kFaults = {
    Fault::refused,        Fault::unheard,   Fault::answer_lost,    Fault::two_results, Fault::spare_result,
    Fault::noise,          Fault::hang,      Fault::dead,           Fault::restart,     Fault::late_restart,
    Fault::silent_restart, Fault::unplugged, Fault::late_unplugged, Fault::bad_slot};
[[nodiscard]] std::string_view word_of(Fault fault);

struct FaultTimes {
  milliseconds shortest_hang{20};
  milliseconds longest_hang{600};
  milliseconds dead{900};  // until somebody pulls it out and puts it back
  milliseconds boot{60};
  milliseconds gone{50};  // unplugged, at most
  milliseconds bad_slot{150};
  milliseconds sending{500};  // for which the host waits for the result of a PDU
};

// What the modem was told, or what came over it.
struct DiaryEntry {
  SteadyTime at{};
  std::string words;  // a command line, or "(pulled out)" and its like
  std::optional<Fault> fault{};
};

// Thread-safe. Takes the modem's hooks; the modem outlives it. Plugs it in again when a fault has pulled it
// out.
class ModemFaults {
 public:
  ModemFaults(SimModem& modem, unsigned seed, const FaultTimes& times = {});
  ~ModemFaults();
  ModemFaults(const ModemFaults&) = delete;
  ModemFaults& operator=(const ModemFaults&) = delete;

  // From now on, to one command in `rarity`.
  void draw(unsigned rarity);
  // Once, to the command that is the `step`th from now, from 1.
  void strike(Fault fault, int step);
  // None any more; what is under way comes to its end.
  void end();
  // Does what is due: what was pulled comes back, what was bad can be read. To be called often, by one
  // thread.
  void tend();
  void pull();  // now, for a while

  [[nodiscard]] bool has_struck() const;  // what strike() was for
  // Since when the modem has been whole; nothing: it is not.
  [[nodiscard]] std::optional<SteadyTime> whole_since() const;
  [[nodiscard]] std::map<Fault, int> counts() const;
  // What of the last thousand entries came since `since`, oldest first.
  [[nodiscard]] std::vector<DiaryEntry> diary(SteadyTime since) const;

 private:
  Intervention before(std::string_view line);
  Intervention after();
  [[nodiscard]] std::optional<Fault> due();
  Intervention begin(Fault fault);
  Intervention finish(Fault fault);
  Intervention noise();
  Intervention restart(bool tells);
  void pull_locked();
  void note(std::string words, std::optional<Fault> fault = std::nullopt);
  void lasts(milliseconds time);
  milliseconds drawn(milliseconds least, milliseconds most);
  std::size_t draw_below(std::size_t bound) { return random_() % bound; }

  SimModem& modem_;
  const FaultTimes times_;
  mutable std::mutex mutex_;
  std::mt19937 random_;
  unsigned rarity_ = 0;  // 0: none is drawn
  std::optional<Fault> wanted_;
  int steps_left_ = 0;
  std::optional<Fault> late_;  // drawn for the command under way, comes after it
  bool is_dead_ = false;
  bool is_gone_ = false;
  bool garbage_first_ = false;             // it was put in: the first answer has that in front
  std::optional<SteadyTime> back_at_;      // of what is dead or gone
  std::optional<SteadyTime> readable_at_;  // the bad slot
  SteadyTime whole_since_{};
  std::map<Fault, int> counts_;
  std::deque<DiaryEntry> diary_;
};

}  // namespace pigeon::sim
