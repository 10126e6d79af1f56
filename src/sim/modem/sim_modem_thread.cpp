// What the simulated modem's thread does: it waits for bytes, clients, callers and deadlines, assembles lines
// and PDUs, has them carried out and writes the answers. It polls and never sleeps. See sim_modem_impl.h.
#include <poll.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "base/text.h"
#include "sim/modem/sim_modem_impl.h"

namespace pigeon::sim {
namespace {

constexpr char kCtrlZ = '\x1a';
constexpr char kEscape = '\x1b';
constexpr std::chrono::microseconds kChunkGap{300};  // long enough for the client to read each piece alone

}  // namespace

void SimModem::Impl::run() {
  Lock lock(mutex_);
  while (!stopping_) {
    wait_for_work(lock);
    if (is_silent()) continue;
    if (pty_) {
      read_input();  // before the clients: whoever wrote has opened it earlier
      if (pty_->update_clients()) output_.clear();
    }
    run_timers();
    flush_urcs();  // what came before the next command goes in front of it
    process_input(lock);
    if (silent_until_) continue;
    flush_urcs();
    write_output();
  }
}

void SimModem::Impl::wait_for_work(Lock& lock) {
  const std::shared_ptr<Pty> pty = pty_;  // stays open while it is polled
  const bool chunk_pending = !output_.empty() && options_.chunk > 0;
  const short events = output_.empty() || chunk_pending ? POLLIN : POLLIN | POLLOUT;
  std::array<pollfd, 3> polled{{{wakeup_.fd(), POLLIN, 0},
                                {pty ? pty->fd() : -1, events, 0},
                                {pty ? pty->clients_fd() : -1, POLLIN, 0}}};
  std::optional<SteadyTime> deadline = next_deadline();
  if (chunk_pending) deadline = std::min(deadline.value_or(next_chunk_), next_chunk_);
  if (silent_until_) {
    deadline = silent_until_;
    polled[1].fd = polled[2].fd = -1;
  }
  timespec timeout{};
  if (deadline) {
    const auto left = std::max(*deadline - steady_now(), SteadyTime::duration::zero());
    const auto whole = std::chrono::floor<seconds>(left);
    timeout = {whole.count(), std::chrono::nanoseconds(left - whole).count()};
  }
  lock.unlock();
  ::ppoll(polled.data(), polled.size(), deadline ? &timeout : nullptr, nullptr);
  lock.lock();
  wakeup_.clear();
}

std::optional<SteadyTime> SimModem::Impl::next_deadline() const {
  std::optional<SteadyTime> earliest;
  const auto consider = [&](std::optional<SteadyTime> time) {
    if (time) earliest = std::min(earliest.value_or(*time), *time);
  };
  if (delayed_) consider(delayed_->due);
  if (!timed_.empty()) consider(timed_.front().due);
  consider(adapter_.messages().acknowledge_by());
  consider(adapter_.next_tick());
  return earliest;
}

void SimModem::Impl::be_silent(milliseconds time) {
  silent_until_ = steady_now() + time;
}

bool SimModem::Impl::is_silent() {
  if (!silent_until_ || steady_now() < *silent_until_) return silent_until_.has_value();
  silent_until_.reset();
  if (const auto said = std::exchange(said_at_start_, std::nullopt); said && pty_) {
    read_input();
    forget_line();
    inject(*said);
  }
  return false;
}

void SimModem::Impl::run_timers() {
  const SteadyTime now = steady_now();
  adapter_.tick();
  while (!timed_.empty() && timed_.front().due <= now) {
    const Timed due = std::move(timed_.front());
    timed_.erase(timed_.begin());
    if (due.bytes.empty())
      deliver(due.pdu, due.with_smsc);
    else
      inject(due.bytes);
  }
  if (const auto deadline = adapter_.messages().acknowledge_by(); deadline && *deadline <= now) {
    network_.push_front(adapter_.messages().acknowledgement_missed());
  }
  admit_from_network();
  if (delayed_ && delayed_->due <= now) finish(std::exchange(delayed_, std::nullopt)->bytes);
}

void SimModem::Impl::read_input() {
  std::array<char, 4096> buffer;
  while (const std::size_t got = pty_->read(buffer)) input_.append(buffer.data(), got);
}

void SimModem::Impl::process_input(Lock& lock) {
  std::size_t taken = 0;
  while (taken < input_.size() && phase_ != Phase::executing && pty_ && !silent_until_) {
    const char byte = input_[taken++];
    if (phase_ == Phase::command)
      take_command_byte(lock, byte);
    else
      take_text_byte(lock, byte);
  }
  input_.erase(0, taken);
}

void SimModem::Impl::echo(std::string_view bytes) {
  if (adapter_.echo()) output_ += bytes;
}

void SimModem::Impl::take_command_byte(Lock& lock, char byte) {
  constexpr char kBackspace = '\b', kDelete = '\x7f';
  if (byte == '\n' && typed_.empty()) return;
  if (byte == kBackspace || byte == kDelete) {
    if (typed_.empty()) return;
    typed_.pop_back();
    echo("\b \b");
    return;
  }
  echo({&byte, 1});
  typed_ += byte;
  const bool repeat = ascii_iequals(typed_, "A/");
  if (byte != '\r' && !repeat) return;
  std::string line = std::exchange(typed_, {});
  if (!repeat) {
    line.pop_back();
    line = find_command_line(line);
    if (line.empty()) return;
    last_line_ = line;
  }
  if (!last_line_.empty()) carry_out(lock, last_line_);
}

void SimModem::Impl::take_text_byte(Lock& lock, char byte) {
  if (byte == kEscape) {
    typed_.clear();
    next_phase_ = Phase::command;
    const Answer cancelled = adapter_.cancel_entry();
    answer(cancelled.final_result, options_.answer_delay);
    return;
  }
  echo({&byte, 1});
  if (byte != kCtrlZ) {
    typed_ += byte;
    return;
  }
  carry_out_pdu(lock, std::exchange(typed_, {}));
}

void SimModem::Impl::carry_out(Lock& lock, std::string_view typed_line) {
  const std::string line(typed_line);
  phase_ = Phase::executing;
  next_phase_ = Phase::command;
  if (!consult(lock, before_, line)) return;
  Answer result = adapter_.execute(line);
  publish_outgoing(lock);
  if (result.prompt) {
    next_phase_ = Phase::at_prompt;
    result.final_result = options_.prompt;
  }
  if (!consult(lock, after_, line)) return;
  take_back_refused();
  admit_from_network();
  if (result.restart) power_up();
  answer(result.information + result.final_result, options_.answer_delay);
}

void SimModem::Impl::carry_out_pdu(Lock& lock, const std::string& hex) {
  const std::string line = "PDU " + hex;
  phase_ = Phase::executing;
  next_phase_ = Phase::command;
  if (!consult(lock, before_, line)) {
    adapter_.messages().cancel_entry();
    return;
  }
  const Answer result = adapter_.enter_pdu(hex);
  take_back_refused();
  admit_from_network();
  const SendHabit habit = adapter_.messages().take_send_habit();
  publish_outgoing(lock);
  if (!consult(lock, after_, line)) return;
  output_ += habit.before;
  answer(result.information + result.final_result,
         options_.answer_delay + options_.send_delay + drawn(options_.send_spread) + habit.delay);
}

// What the host refuses stays with the network, which tries again after a while.
void SimModem::Impl::take_back_refused() {
  constexpr seconds kNextTry{1};
  if (auto refused = adapter_.messages().take_refused()) deliver_after(kNextTry, std::move(*refused), true);
}

template <typename Callback, typename Argument>
auto SimModem::Impl::call(Lock& lock, Callback callback, const Argument& argument) {
  ++common_->in_callback;
  lock.unlock();
  auto result = callback(argument);
  lock.lock();
  --common_->in_callback;
  common_->callback_returned.notify_all();
  return result;
}

// True: the ordinary behaviour goes on.
bool SimModem::Impl::consult(Lock& lock, const Hook& hook, std::string_view line) {
  if (!hook) return true;
  const std::shared_ptr<Pty> pty = pty_;
  Intervention wanted = call(lock, hook, line);
  if (pty_ != pty) return false;  // unplugged meanwhile: nobody waits for this answer any more
  switch (wanted.kind) {
    case Intervention::Kind::proceed:
      if (!wanted.answer.empty()) within_ = std::move(wanted);
      return true;
    case Intervention::Kind::hang:
      be_silent(wanted.delay);
      return true;
    case Intervention::Kind::restart:
      forget_line();
      power_up();
      be_silent(wanted.delay);
      said_at_start_ = std::move(wanted.answer);
      return false;
    case Intervention::Kind::answer:
      if (wanted.prompts) next_phase_ = Phase::at_prompt;
      answer(std::move(wanted.answer), options_.answer_delay + wanted.delay);
      return false;
    case Intervention::Kind::silence:
      answer({}, options_.answer_delay);
      return false;
    case Intervention::Kind::hang_up:
      unplug();
      return false;
  }
  return true;
}

void SimModem::Impl::publish_outgoing(Lock& lock) {
  const auto part = adapter_.messages().take_outgoing();
  if (!part) return;
  common_->sent.push_back(*part);
  common_->sent_changed.notify_all();
  if (!common_->listener) return;
  call(
      lock,
      [&, listener = common_->listener](const SentPart& sent) {
        listener(sent);
        return true;
      },
      *part);
}

void SimModem::Impl::answer(std::string bytes, milliseconds delay) {
  phase_ = Phase::executing;
  delay += drawn(options_.answer_spread);
  if (delay.count() == 0)
    finish(std::move(bytes));
  else
    delayed_ = Delayed{steady_now() + delay, std::move(bytes)};
}

milliseconds SimModem::Impl::drawn(milliseconds spread) {
  return milliseconds(std::uniform_int_distribution<milliseconds::rep>(0, spread.count())(pace_));
}

void SimModem::Impl::finish(std::string bytes) {
  if (options_.urcs_inside_answers && !urcs_.empty()) {
    const std::size_t first_line = bytes.find("\r\n", 2);
    const std::size_t middle = first_line == std::string::npos ? 0 : first_line + 2;
    for (const std::string& urc : std::exchange(urcs_, {})) bytes.insert(middle, urc);
  }
  if (!bytes.empty()) output_ += std::exchange(adapter_.messages().habits().noise, {});
  bytes.insert(within_.at % (bytes.size() + 1), std::exchange(within_.answer, {}));
  output_ += bytes;
  phase_ = next_phase_;
  flush_urcs();
}

void SimModem::Impl::flush_urcs() {
  if (phase_ != Phase::command) return;
  for (const std::string& urc : std::exchange(urcs_, {})) output_ += urc;
}

void SimModem::Impl::write_output() {
  if (!pty_ || !pty_->has_client()) output_.clear();
  if (options_.chunk == 0) {
    while (!output_.empty()) {
      const std::size_t written = pty_->write(output_);
      if (written == 0) return;
      output_.erase(0, written);
    }
  } else if (!output_.empty() && steady_now() >= next_chunk_) {
    output_.erase(0, pty_->write(std::string_view(output_).substr(0, options_.chunk)));
    next_chunk_ = steady_now() + kChunkGap;
  }
}

void SimModem::Impl::forget_line() {
  input_.clear();
  typed_.clear();
  output_.clear();
  urcs_.clear();
  delayed_.reset();
  within_ = {};
  adapter_.messages().cancel_entry();
  phase_ = next_phase_ = Phase::command;
}

}  // namespace pigeon::sim
