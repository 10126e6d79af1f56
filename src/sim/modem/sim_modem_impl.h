// The inside of SimModem: its thread, the state that the thread shares with callers, and the line's phases.
// sim_modem.cpp has what callers do, sim_modem_thread.cpp what the thread does.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/wakeup.h"
#include "sim/modem/pty.h"
#include "sim/modem/sim_at_commands.h"
#include "sim/modem/sim_modem.h"

namespace pigeon::sim {

// One mutex for all ports of a modem guards everything; a port's thread lets go of it while it polls and
// while it calls a hook or listener.
class SimModem::Impl {
 public:
  // What the ports of one modem share.
  struct Common {
    explicit Common(const SimModemOptions& options) : equipment(options) {}
    std::mutex mutex;
    std::condition_variable sent_changed;
    std::condition_variable callback_returned;
    int in_callback = 0;  // threads that are in a hook or in the listener
    MobileEquipment equipment;
    std::vector<Impl*> ports;
    std::vector<SentPart> sent;
    std::function<void(const SentPart&)> listener;
  };

  // `common`: another port's, whose mutex is held; null: a new one.
  Impl(SimModemOptions options, std::shared_ptr<Common> common);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start();  // the thread

  // Does `change` under the lock and lets the modem's thread see to what follows from it.
  template <typename Change>
  void with_lock(Change change) {
    {
      const std::lock_guard lock(mutex_);
      change(*this);
    }
    wakeup_.notify();
  }
  // What `what` says of the state, under the lock; it changes nothing and wakes nobody.
  template <typename Look>
  auto look(Look what) const {
    const std::lock_guard lock(mutex_);
    return what(*this);
  }

  // Puts `callback` in the place of a hook or of the listener, when none of them runs (any more).
  template <typename Callback>
  void replace(Callback& place, Callback callback) {
    std::unique_lock lock(mutex_);
    if (std::this_thread::get_id() != thread_.get_id())
      common_->callback_returned.wait(lock, [&] { return common_->in_callback == 0; });
    std::swap(place, callback);  // the former one is destroyed without the lock
    lock.unlock();
  }

  // These are called with the mutex held, by with_lock(), and do what SimModem says of them.
  void deliver(const modem::Octets& pdu, bool with_smsc);
  void deliver_after(milliseconds delay, modem::Octets pdu, bool with_smsc);
  void inject_after(milliseconds delay, std::string bytes);
  void inject(std::string_view bytes);  // lost when nobody has the port open
  void set_registration(int stat);      // also lets in what waited in the network
  void unplug();                        // all ports; drops what is under way on their lines
  void plug_in();                       // unplugs before, so it restarts the modem as well
  // Takes the mutex itself.
  std::vector<SentPart> wait_for_sent(std::size_t count, milliseconds timeout) const;

  // Guarded by the mutex.
  SimModemOptions options_;
  std::shared_ptr<Common> common_;
  std::mutex& mutex_;
  Wakeup wakeup_;
  std::vector<std::string> urcs_;  // waiting for a moment in which no command runs
  TerminalAdapter adapter_;
  std::shared_ptr<Pty> pty_;  // null: unplugged
  std::deque<Fd> numbers_;    // of ptys that are gone
  std::string device_;
  std::string output_;  // not yet taken by the pty
  std::deque<modem::Octets> network_;
  Hook before_;
  Hook after_;

 private:
  using Lock = std::unique_lock<std::mutex>;
  struct Timed {
    SteadyTime due;
    modem::Octets pdu;
    bool with_smsc;
    std::string bytes;  // not empty: these are injected, and there is no PDU
  };
  struct Delayed {
    SteadyTime due;
    std::string bytes;
  };
  // Commands are taken one at a time; what is typed meanwhile waits, and so do URCs.
  enum class Phase { command, executing, at_prompt };

  void run();
  void wait_for_work(Lock& lock);
  [[nodiscard]] std::optional<SteadyTime> next_deadline() const;
  void run_timers();
  void admit_from_network();
  void take_back_refused();
  void read_input();
  void process_input(Lock& lock);
  void take_command_byte(Lock& lock, char byte);
  void take_text_byte(Lock& lock, char byte);
  void echo(std::string_view bytes);
  void carry_out(Lock& lock, std::string_view line);
  void carry_out_pdu(Lock& lock, const std::string& hex);
  // Calls `callback` without the lock.
  template <typename Callback, typename Argument>
  auto call(Lock& lock, Callback callback, const Argument& argument);
  bool consult(Lock& lock, const Hook& hook, std::string_view line);
  void publish_outgoing(Lock& lock);
  void answer(std::string bytes, milliseconds delay);
  milliseconds drawn(milliseconds spread);  // 0 to `spread`
  void finish(std::string bytes);
  void be_silent(milliseconds time);
  [[nodiscard]] bool is_silent();  // a silence that is over is ended first
  void flush_urcs();
  void write_output();
  void forget_line();
  void unplug_port();
  void power_up();  // the whole modem

  std::string input_;  // read, not yet processed
  std::string typed_;  // the line or PDU so far
  std::string last_line_;
  Phase phase_ = Phase::command;
  Phase next_phase_ = Phase::command;  // after the answer under way
  std::optional<Delayed> delayed_;
  Intervention within_;                       // its bytes come out within the next answer
  std::optional<SteadyTime> silent_until_;    // hangs or starts anew
  std::optional<std::string> said_at_start_;  // starts anew: nothing is heard, and that is said in the end
  std::minstd_rand pace_;
  std::vector<Timed> timed_;  // by due time
  SteadyTime next_chunk_{};
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace pigeon::sim
