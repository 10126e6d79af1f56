// Closing, probing and opening; see gates.h.
#include "relay/gates.h"

#include <algorithm>

#include "base/log.h"

namespace pigeon::relay {
namespace {

constexpr const char* kTag = "gates";
constexpr seconds kAlikeWithin{60};
constexpr seconds kOnceMore{2};

// Between probes of a gate that time may open: an outage of half a minute is over for everybody within 15 s
// of its end, one of a day costs a request every five minutes.
seconds interval(Gate gate, int probes_taken) {
  constexpr std::array kSteps = {seconds(2),  seconds(4),  seconds(8),  seconds(10), seconds(10),
                                 seconds(12), seconds(15), seconds(30), seconds(60), seconds(300)};
  constexpr seconds kForOperator = std::chrono::minutes(10);
  if (gate == Gate::credits || gate == Gate::keys) return kForOperator;
  const auto step = static_cast<std::size_t>(std::max(probes_taken, 0));
  return kSteps[std::min(step, kSteps.size() - 1)];
}

// Boxes that lost X at the same moment do not come back at the same moment: up to a tenth more, by the job
// that closed the gate.
milliseconds with_jitter(milliseconds interval, std::int64_t job) {
  constexpr std::int64_t kParts = 97;
  return interval + interval * (job % kParts) / (10 * kParts);
}

}  // namespace

bool Gates::may_pass(Gate gate, std::int64_t job) const {
  const std::lock_guard lock(mutex_);
  return !at(gate).closed || at(gate).probes.contains(job);
}

bool Gates::is_probe(Gate gate, std::int64_t job) const {
  const std::lock_guard lock(mutex_);
  return at(gate).closed && at(gate).probes.contains(job);
}

bool Gates::failed(Gate gate, const store::Job& job, Shut shut, SteadyTime now,
                   std::optional<SteadyTime> until) {
  const std::lock_guard lock(mutex_);
  State& state = at(gate);
  state.probes.erase(job.id);
  if (!state.closed) {
    std::erase_if(state.failures, [now](const auto& failure) { return failure.second + kAlikeWithin < now; });
    state.failures[job.queue] = now;
    if (shut == Shut::alike && state.failures.size() < 2) return false;
    state.closed = true;
    state.failures.clear();
    state.probes_taken = 0;
    state.last_queue = job.queue;
    state.next_probe = now + with_jitter(interval(gate, 0), job.id);
    log::warning(kTag, "closed: " + std::string(store::word_of(gate)));
  }
  if (until) state.next_probe = std::max(state.next_probe, *until);
  return true;
}

bool Gates::passed(Gate gate) {
  const std::lock_guard lock(mutex_);
  State& state = at(gate);
  state.failures.clear();
  if (!state.closed) return false;
  state = State{};
  log::notice(kTag, "open again: " + std::string(store::word_of(gate)));
  return true;
}

void Gates::closed_still(Gate gate, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  State& state = at(gate);
  state.closed = true;
  state.next_probe = now + kOnceMore;
}

void Gates::ended(std::int64_t job) {
  const std::lock_guard lock(mutex_);
  for (State& state : states_) state.probes.erase(job);
}

std::vector<Gate> Gates::wanting_probe(SteadyTime now) {
  const std::lock_guard lock(mutex_);
  std::vector<Gate> wanting;
  for (const Gate gate : store::kGates) {
    State& state = at(gate);
    if (!state.closed || now < state.next_probe) continue;
    wanting.push_back(gate);
    ++state.probes_taken;
    state.next_probe = now + with_jitter(interval(gate, state.probes_taken), state.probes_taken);
  }
  return wanting;
}

std::string Gates::last_probe(Gate gate) const {
  const std::lock_guard lock(mutex_);
  return at(gate).last_queue;
}

void Gates::probing(Gate gate, const store::Jobs::Probe& probe) {
  const std::lock_guard lock(mutex_);
  State& state = at(gate);
  if (!state.closed) return;
  state.probes.insert(probe.id);
  state.last_queue = probe.queue;
}

SteadyTime Gates::next_probe() const {
  const std::lock_guard lock(mutex_);
  SteadyTime next = SteadyTime::max();
  for (const State& state : states_) {
    if (state.closed) next = std::min(next, state.next_probe);
  }
  return next;
}

}  // namespace pigeon::relay
