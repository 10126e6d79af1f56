// The threads that take jobs from the store: two that never touch the network (commands, codes, links,
// announcements), and a pool that may wait for it (posts, revocations), so that somebody who waits for X
// keeps nobody else waiting.
#pragma once

#include <atomic>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/heartbeat.h"
#include "relay/gates.h"
#include "relay/office.h"

namespace pigeon::relay {

class Dispatcher {
 public:
  // Everything is borrowed and outlives the dispatcher.
  Dispatcher(const RelaySettings& settings, const pairing::PairingSettings& pairing, store::Store& store,
             store::Wakeups& wakeups, pairing::Tokens& tokens, const Clock& clock = system_clock());
  ~Dispatcher();  // stops and joins
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  void start();         // once
  void request_stop();  // any thread; a request under way is finished first
  // The operator may have mended what keeps texts: all gates but the app's limit, whose end X has named, are
  // open until somebody fails at them again. Any thread; not inside a transaction. Storage that fails is no
  // error here: the gates' probes come soon.
  void try_again();
  // The names of the threads that are not back when they promised to be; any thread may ask.
  [[nodiscard]] std::vector<std::string> overdue(SteadyTime now) const;

 private:
  struct Worker {
    Worker(store::Lane of, std::string called) : lane(of), name(std::move(called)) {}
    store::Lane lane;
    std::string name;
    Heartbeat heartbeat{};
    std::thread thread{};
  };
  class Desk;
  // Which idle thread of a lane keeps the time for all of them; the others wait for a ring.
  struct Timekeeper {
    const Worker* worker = nullptr;  // null: who was it has work; `until` is what he left
    SteadyTime until = SteadyTime::max();
  };

  void run(Worker& worker);
  void work_on(Worker& worker, Desk& desk, const store::Jobs::Claim& claim);
  void work_guarded(Desk& desk, const store::Job& job);
  void sleep(Worker& worker, std::optional<UtcTime> due);
  [[nodiscard]] SteadyTime next_look(store::Lane lane, std::optional<UtcTime> due);
  [[nodiscard]] bool keeps_time(const Worker& worker, SteadyTime until);
  [[nodiscard]] bool time_is_left_alone(store::Lane lane);
  void pause();
  void complain(const store::StorageError& error);

  Gates gates_;
  Office office_;
  std::list<Worker> workers_;
  std::atomic<bool> stopping_{false};
  Bell stop_;
  std::mutex mutex_;  // guards what follows
  std::array<Timekeeper, 2> timekeepers_;
  SteadyTime next_complaint_ = SteadyTime::min();
};

}  // namespace pigeon::relay
