// The dispatcher's threads; see dispatcher.h.
#include "relay/dispatcher.h"

#include <algorithm>
#include <exception>
#include <string>

#include "base/log.h"
#include "relay/conversation.h"
#include "relay/orphans.h"
#include "relay/pin_desk.h"
#include "relay/poster.h"
#include "relay/replies.h"
#include "relay/revoker.h"
#include "relay/settling.h"

namespace pigeon::relay {
namespace {

constexpr const char* kTag = "dispatcher";
constexpr milliseconds kStoragePause = seconds(2);
constexpr seconds kAfterCrash{10};

// A lease, until the end of scope.
class Lease {
 public:
  Lease(store::Jobs& jobs, const store::Job& job) : jobs_(jobs), job_(job) {}
  ~Lease() { jobs_.release(job_); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

 private:
  store::Jobs& jobs_;
  const store::Job& job_;
};

}  // namespace

// What one worker works with; the network's half is made when it is first needed.
class Dispatcher::Desk {
 public:
  explicit Desk(const Office& office) : office_(office), conversation_(office) {}

  void work(const store::Job& job) {
    switch (job.kind) {
      case store::JobKind::text:
        conversation_.decide(job);
        return;
      case store::JobKind::announcement:
        conversation_.announce(job);
        return;
      case store::JobKind::expiry:
        conversation_.expire(job);
        return;
      case store::JobKind::pruning:
        prune(job);
        return;
      case store::JobKind::erasure:
        conversation_.erase(job);
        return;
      case store::JobKind::post:
        Poster(office_, x()).work(job);
        return;
      case store::JobKind::pin_link:
      case store::JobKind::pin:
        PinDesk(office_, x()).work(job);
        return;
      case store::JobKind::revocation:
        Revoker(office_, x()).work(job);
        return;
    }
  }

 private:
  x::XClient& x() {
    if (!x_) x_.emplace(office_.pairing.api_url);
    return *x_;
  }
  // One batch of everything, and soon again while there is more.
  void prune(const store::Job& job) {
    using store::Retention;
    const RelaySettings& settings = office_.settings;
    const UtcTime now = office_.store.time.now();
    const bool doubts_are_over = office_.clock.steady() - office_.started >= settings.timing.doubts_end;
    auto transaction = office_.store.begin();
    bool more = office_.store.pairings.purge(transaction, now - settings.timing.keep_pairings);
    more = office_.store.budgets.purge(transaction, now) || more;
    more = office_.store.retention.prune(transaction, now - settings.keep, now,
                                         doubts_are_over ? Retention::Posts::too : Retention::Posts::leave) ||
           more;
    const Orphans orphans = give_up_orphans(office_, transaction, now);
    more = orphans.more || more;
    office_.store.jobs.postpone(transaction, job,
                                now + (more ? settings.timing.prune_again : settings.timing.housekeeping));
    office_.store.time.keep(transaction);
    transaction.commit_for_later();
    for (const std::string& line : orphans.log) log::warning(kTag, line);
    for (const std::string& modem : orphans.modems) office_.wakeups.notify_modem(modem);
  }

  const Office& office_;
  Conversation conversation_;
  std::optional<x::XClient> x_;
};

Dispatcher::Dispatcher(const RelaySettings& settings, const pairing::PairingSettings& pairing,
                       store::Store& store, store::Wakeups& wakeups, pairing::Tokens& tokens,
                       const Clock& clock)
    : office_{clock, settings, pairing, store, wakeups, tokens, gates_, clock.steady()} {
  for (int i = 1; i <= settings.local_threads; ++i)
    workers_.emplace_back(store::Lane::local, "relay/local " + std::to_string(i));
  for (int i = 1; i <= settings.network_threads; ++i)
    workers_.emplace_back(store::Lane::network, "relay/network " + std::to_string(i));
}

Dispatcher::~Dispatcher() {
  request_stop();
  for (Worker& worker : workers_) {
    if (worker.thread.joinable()) worker.thread.join();
  }
}

void Dispatcher::start() {
  office_.store.at_start([&store = office_.store](store::Transaction& transaction) {
    const UtcTime now = store.time.now();
    store.jobs.start(transaction, now);
    store.posts.start(transaction, now);
    store.jobs.add_once(transaction, {.kind = store::JobKind::pruning, .queue = "pruning"});
  });
  for (Worker& worker : workers_) worker.thread = std::thread([this, &worker] { run(worker); });
}

void Dispatcher::request_stop() {
  stopping_ = true;
  stop_.ring_all();
  office_.wakeups.local.ring_all();
  office_.wakeups.network.ring_all();
}

void Dispatcher::try_again() {
  try {
    for (const Gate gate : {Gate::api, Gate::token_endpoint, Gate::credits, Gate::keys})
      came_through(office_, gate, office_.store.time.now());
  } catch (const store::StorageError& error) {
    complain(error);
  }
}

std::vector<std::string> Dispatcher::overdue(SteadyTime now) const {
  std::vector<std::string> names;
  for (const Worker& worker : workers_) {
    if (worker.heartbeat.overdue(now)) names.push_back(worker.name);
  }
  return names;
}

void Dispatcher::run(Worker& worker) {
  Desk desk(office_);
  while (!stopping_) {
    worker.heartbeat.back_by(office_.clock.steady() + office_.settings.timing.longest_step);
    try {
      if (worker.lane == store::Lane::network) offer_probes(office_);
      const store::Jobs::Claim claim = office_.store.claim(worker.lane, office_.store.time.now());
      if (claim.job)
        work_on(worker, desk, claim);
      else
        sleep(worker, claim.next);
    } catch (const store::StorageError& error) {
      complain(error);
      pause();
      office_.wakeups.network.ring();  // a commit whose sync failed has left its job
    }
  }
  office_.wakeups.lane(worker.lane).ring();  // whoever was on the way into his sleep must see it too
}

void Dispatcher::work_on(Worker& worker, Desk& desk, const store::Jobs::Claim& claim) {
  const Lease lease(office_.store.jobs, *claim.job);
  if (claim.more || time_is_left_alone(worker.lane)) office_.wakeups.lane(worker.lane).ring();
  work_guarded(desk, *claim.job);
  gates_.ended(claim.job->id);
}

// A job that throws is tried again a few times and then set aside; it never ends the process. Failing storage
// is everybody's trouble, and goes to the loop.
void Dispatcher::work_guarded(Desk& desk, const store::Job& job) {
  try {
    desk.work(job);
    return;
  } catch (const store::StorageError& error) {
    if (error.passes()) throw;
    log::error(kTag, "job " + std::to_string(job.id) + ": " + error.what());
  } catch (const std::exception& error) {
    log::error(kTag, "job " + std::to_string(job.id) + ": " + error.what());
  }
  const UtcTime now = office_.store.time.now();
  auto transaction = office_.store.begin();
  if (office_.store.jobs.crashed(transaction, job, now + kAfterCrash * (job.crashes + 1))) {
    log::error(kTag, "job " + std::to_string(job.id) + " is set aside");
    tell_set_aside(office_, transaction, job, now);
  }
  transaction.commit();
}

bool Dispatcher::keeps_time(const Worker& worker, SteadyTime until) {
  const std::lock_guard lock(mutex_);
  Timekeeper& keeper = timekeepers_[static_cast<std::size_t>(worker.lane)];
  if (keeper.worker != nullptr && keeper.until <= until) return false;
  keeper = {&worker, until};
  return true;
}

// Whether the one who kept the time has left a time to keep. A local job is over at once, and then its worker
// looks himself.
bool Dispatcher::time_is_left_alone(store::Lane lane) {
  if (lane == store::Lane::local) return false;
  const std::lock_guard lock(mutex_);
  const Timekeeper& last = timekeepers_[static_cast<std::size_t>(lane)];
  return last.worker == nullptr && last.until != SteadyTime::max();
}

SteadyTime Dispatcher::next_look(store::Lane lane, std::optional<UtcTime> due) {
  SteadyTime next = lane == store::Lane::network ? gates_.next_probe() : SteadyTime::max();
  if (due) {
    const milliseconds left = std::max<milliseconds>(*due - office_.store.time.now(), milliseconds(0));
    next = std::min(
        next, office_.clock.steady() + std::min<milliseconds>(left, office_.settings.timing.housekeeping));
  }
  return next;
}

void Dispatcher::sleep(Worker& worker, std::optional<UtcTime> due) {
  SteadyTime until = next_look(worker.lane, due);
  const bool keeper = keeps_time(worker, until);
  if (!keeper) until = SteadyTime::max();
  if (until == SteadyTime::max())
    worker.heartbeat.may_sleep();
  else
    worker.heartbeat.back_by(until + office_.settings.timing.longest_step);
  if (!stopping_) office_.wakeups.lane(worker.lane).wait(until);
  if (!keeper) return;
  const std::lock_guard lock(mutex_);
  Timekeeper& current = timekeepers_[static_cast<std::size_t>(worker.lane)];
  if (current.worker == &worker) current.worker = nullptr;
}

// Storage fails for all workers alike: one line for each pause, not one for each of them.
void Dispatcher::complain(const store::StorageError& error) {
  const SteadyTime now = office_.clock.steady();
  {
    const std::lock_guard lock(mutex_);
    if (now < next_complaint_) return;
    next_complaint_ = now + kStoragePause;
  }
  log::error(kTag, std::string("the database cannot be written, trying again: ") + error.what());
}

// Deaf to rings, which are for those who can work.
void Dispatcher::pause() {
  const SteadyTime until = office_.clock.steady() + kStoragePause;
  while (!stopping_ && office_.clock.steady() < until) stop_.wait(until);
}

}  // namespace pigeon::relay
