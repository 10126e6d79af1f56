// How long a stop may take. A step that takes longer than anybody wants to wait for a stop is cut off: its
// intent is committed, so ending the process is the same as a crash at that step, and the next start picks it
// up. The one exception is what X gives only once: while a refresh is away, or the database has not taken its
// new tokens yet, ending the process would unlink somebody.
#pragma once

#include <functional>
#include <future>
#include <memory>

#include "base/clock.h"
#include "daemon/daemon.h"

namespace pigeon::daemon {

// Counted from the beginning of the stop; tests shorten them.
struct StopTiming {
  milliseconds usual = seconds(4);       // for every thread to finish the step in hand
  milliseconds most = seconds(36);       // for tokens: the 30 s of a request, and a slow database
  milliseconds look = milliseconds(50);  // between two looks at what is still awaited
};

enum class Stopped {
  in_order,     // every thread has ended, and the daemon is gone
  in_a_step,    // some thread is in the middle of something that the next start goes on with
  tokens_lost,  // tokens of X did not come, or the database did not take them, within `most`
};

// The rule alone: waits on the calling thread until `ended` is ready and `awaits_tokens` says no, or as long
// as `timing` lets it. `awaits_tokens` may block for a commit.
[[nodiscard]] Stopped wait_for_end(const std::shared_future<void>& ended,
                                   const std::function<bool()>& awaits_tokens, const StopTiming& timing);

// Stops `daemon` and waits on the calling thread. Unless it went in order, the daemon's threads may still run
// and keep it alive: nothing may follow but std::_Exit(). Throws only what std::thread does.
[[nodiscard]] Stopped stop(std::unique_ptr<Daemon> daemon, const StopTiming& timing = {});

}  // namespace pigeon::daemon
