// What is down for everybody at X, and who tries it next. A gate is open until something shows that nobody
// can pass; then jobs wait at it (Jobs::park), and one of them at a time is its probe: the person's own text,
// never an extra request. The first answer opens the gate for all.
//
//   open ──(nobody can connect · two people fail alike within a minute · X says so)──→ closed
//     ↑                                                                                │ probe: 2 s, 4 s, 8
//     s, 10 s … └───────────────────────────(an answer about a text itself)──────────────────────┘
//
// In memory: after a restart every gate is open, and the first who fails closes it again.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/jobs.h"

namespace pigeon::relay {

using store::Gate;

// How surely a failure is everybody's.
enum class Shut {
  alike,    // if somebody else fails alike within a minute
  at_once,  // nobody can pass
};

class Gates {
 public:
  // Any thread may call everything here.
  // Whether `job` may try what `gate` stands for: it is open, or the job is its probe.
  [[nodiscard]] bool may_pass(Gate gate, std::int64_t job) const;
  [[nodiscard]] bool is_probe(Gate gate, std::int64_t job) const;

  // A try of `job` failed at the gate. `until`: what X said about the end of it. True: the gate is closed
  // now, and the job should be parked there.
  bool failed(Gate gate, const store::Job& job, Shut shut, SteadyTime now,
              std::optional<SteadyTime> until = std::nullopt);
  // A try came through. True: the gate was closed, and all that is parked there is to be let in.
  bool passed(Gate gate);
  // What is parked at a gate that was opened could not be let in: it is closed, and probed soon.
  void closed_still(Gate gate, SteadyTime now);
  // A try of `job` ended in some other way: if it was a probe, it is none any more.
  void ended(std::int64_t job);

  // The closed gates that want a probe now; each is asked again after its interval, whatever comes of it.
  [[nodiscard]] std::vector<Gate> wanting_probe(SteadyTime now);
  // Who probed last: the next one should be somebody else.
  [[nodiscard]] std::string last_probe(Gate gate) const;
  void probing(Gate gate, const store::Jobs::Probe& probe);
  // When the next gate wants a probe; SteadyTime::max() while all are open.
  [[nodiscard]] SteadyTime next_probe() const;

 private:
  struct State {
    bool closed = false;
    std::map<std::string, SteadyTime> failures;  // by person: of the last minute, while it is open
    int probes_taken = 0;
    SteadyTime next_probe{};
    std::set<std::int64_t> probes;  // jobs
    std::string last_queue;
  };
  [[nodiscard]] State& at(Gate gate) { return states_[static_cast<std::size_t>(gate)]; }
  [[nodiscard]] const State& at(Gate gate) const { return states_[static_cast<std::size_t>(gate)]; }

  mutable std::mutex mutex_;
  std::array<State, store::kGates.size()> states_;
};

}  // namespace pigeon::relay
