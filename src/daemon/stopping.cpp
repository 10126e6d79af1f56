// The wait of a stop; see stopping.h.
#include "daemon/stopping.h"

#include <thread>
#include <utility>

namespace pigeon::daemon {

Stopped wait_for_end(const std::shared_future<void>& ended, const std::function<bool()>& awaits_tokens,
                     const StopTiming& timing) {
  const SteadyTime begun = steady_now();
  const auto passed = [begun](milliseconds limit) { return steady_now() - begun >= limit; };
  bool awaited = true;
  while (!passed(awaited ? timing.most : timing.usual)) {
    const bool all_ended = ended.wait_for(timing.look) == std::future_status::ready;
    awaited = awaits_tokens();
    if (all_ended && !awaited) return Stopped::in_order;
    if (all_ended) std::this_thread::sleep_for(timing.look);  // only the database is waited for
  }
  return awaited ? Stopped::tokens_lost : Stopped::in_a_step;
}

Stopped stop(std::unique_ptr<Daemon> daemon, const StopTiming& timing) {
  daemon->request_stop();
  std::promise<void> promise;
  const std::shared_future<void> ended = promise.get_future();
  std::thread joiner([&threads = *daemon, promise = std::move(promise)]() mutable {
    threads.join();
    promise.set_value();
  });
  const Stopped stopped = wait_for_end(
      ended, [&daemon] { return daemon->awaits_tokens(); }, timing);
  if (stopped == Stopped::in_order) {
    joiner.join();
    return stopped;
  }
  joiner.detach();
  static_cast<void>(daemon.release());
  return stopped;
}

}  // namespace pigeon::daemon
