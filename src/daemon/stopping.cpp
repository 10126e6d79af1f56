// The wait of a stop; see stopping.h.
#include "daemon/stopping.h"

#include <future>
#include <thread>
#include <utility>

namespace pigeon::daemon {

Stopped stop(std::unique_ptr<Daemon> daemon, const StopTiming& timing) {
  const SteadyTime begun = steady_now();
  const auto passed = [begun](milliseconds limit) { return steady_now() - begun >= limit; };
  daemon->request_stop();
  std::promise<void> promise;
  const auto ended = promise.get_future().share();
  std::thread joiner([&threads = *daemon, promise = std::move(promise)]() mutable {
    threads.join();
    promise.set_value();
  });
  bool awaited = true;
  while (!passed(awaited ? timing.most : timing.usual)) {
    const bool all_ended = ended.wait_for(timing.look) == std::future_status::ready;
    awaited = daemon->awaits_tokens();
    if (all_ended && !awaited) {
      joiner.join();
      return Stopped::in_order;
    }
    if (all_ended) std::this_thread::sleep_for(timing.look);  // only the database is waited for
  }
  joiner.detach();
  static_cast<void>(daemon.release());
  return awaited ? Stopped::tokens_lost : Stopped::in_a_step;
}

}  // namespace pigeon::daemon
