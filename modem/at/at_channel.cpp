// Writing commands and waiting for answers; see at_channel.h.
#include "modem/at/at_channel.h"

#include <algorithm>
#include <array>
#include <utility>

#include "modem/at/at_errors.h"

namespace pigeon::modem {
namespace {

constexpr char kEscape = '\x1b';
constexpr char kCtrlZ = '\x1a';
constexpr int kReadsOfDamage = 3;  // of a command that changes nothing
constexpr int kReadsOfSilence = 2;
constexpr int kMostReadsAtOnce = 64;  // 256 kB: a flood must not keep a command from being written

bool has_control_character(std::string_view line) {
  return std::any_of(line.begin(), line.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::string without_digits(std::string_view bytes) {
  std::string out(bytes);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c >= '0' && c <= '9'; }, '*');
  return out;
}

tl::unexpected<Error> no_answer(std::string_view line, milliseconds waited) {
  const auto text = waited.count() % 1000 == 0 ? std::to_string(waited.count() / 1000) + " s"
                                               : std::to_string(waited.count()) + " ms";
  return fail(Errc::timeout, std::string(command_name(line)) + ": no answer within " + text, Retry::yes);
}

tl::unexpected<Error> restarted(std::string_view line) {
  return fail(Errc::timeout, std::string(command_name(line)) + ": the modem restarted", Retry::yes);
}

}  // namespace

std::string_view command_name(std::string_view line) {
  return line.substr(0, line.find('='));
}

Result<AtChannel> AtChannel::create(SerialPort port, const ChannelTimeouts& timeouts,
                                    const std::string& transcript_path, const Wakeup* abort,
                                    Traffic* traffic) {
  std::shared_ptr<TranscriptWriter> transcript;
  if (!transcript_path.empty()) {
    auto opened = TranscriptWriter::open(transcript_path);
    if (!opened) return tl::unexpected(opened.error());
    transcript = std::make_shared<TranscriptWriter>(std::move(*opened));
  }
  return AtChannel(std::move(port), timeouts, std::move(transcript), abort, traffic);
}

AtChannel::AtChannel(SerialPort port, const ChannelTimeouts& timeouts,
                     std::shared_ptr<TranscriptWriter> transcript, const Wakeup* abort, Traffic* traffic)
    : port_(std::move(port)),
      timeouts_(timeouts),
      transcript_(std::move(transcript)),
      abort_(abort),
      traffic_(traffic) {}

AtChannel AtChannel::beside(SerialPort port, const Wakeup* abort) const {
  AtChannel channel(std::move(port), timeouts_, transcript_, abort, traffic_);
  channel.number_ = number_ + 1;
  return channel;
}

void AtChannel::record(TranscriptEntry::Kind kind, std::string_view bytes) {
  if (hides_digits_ && (transcript_ || traffic_ != nullptr)) {
    const std::string hidden = without_digits(bytes);
    if (transcript_) transcript_->record(kind, hidden, number_);
    // An echo is left to the listeners' mask, which knows it from the number of an error.
    const bool is_written = kind == TranscriptEntry::Kind::to_modem;
    if (traffic_ != nullptr) traffic_->tell(kind, is_written ? std::string_view(hidden) : bytes, number_);
    return;
  }
  if (transcript_) transcript_->record(kind, bytes, number_);
  if (traffic_ != nullptr) traffic_->tell(kind, bytes, number_);
}

Result<void> AtChannel::write(std::string_view bytes) {
  record(TranscriptEntry::Kind::to_modem, bytes);
  return port_.write(bytes, steady_now() + timeouts_.write);
}

Result<SerialPort::Readiness> AtChannel::pump(SteadyTime deadline, const Wakeup* wakeup, int other) {
  auto ready = port_.wait(deadline, wakeup, other);
  if (!ready || !ready->readable) return ready;
  std::array<char, 4096> buffer;
  const auto got = port_.read(buffer);
  if (!got) return tl::unexpected(got.error());
  const std::string_view bytes(buffer.data(), *got);
  if (bytes.empty()) return ready;
  last_heard_ = steady_now();
  record(TranscriptEntry::Kind::from_modem, bytes);
  dialogue_.receive(bytes);
  return ready;
}

// Reads until the modem is silent, but not for ever.
Result<void> AtChannel::drain(SteadyTime deadline) {
  for (;;) {
    const auto ready = pump(std::min(deadline, steady_now() + timeouts_.quiet), abort_);
    if (!ready) return tl::unexpected(ready.error());
    if (!ready->readable || steady_now() >= deadline) return {};
  }
}

// Out of a text entry, and past whatever is under way.
Result<void> AtChannel::clear_line(SteadyTime deadline) {
  dialogue_.abandon();
  if (auto done = write(std::string{kEscape, '\r'}); !done) return done;
  return drain(deadline);
}

Result<void> AtChannel::synchronise(SteadyTime deadline) {
  const auto soon = [&] { return std::min(deadline, steady_now() + timeouts_.probe); };
  bool in_doubt = out_of_step_;
  for (bool cleared = false;; in_doubt = true) {
    const auto next_probe = steady_now() + timeouts_.between_probes;
    if (in_doubt && !std::exchange(cleared, true)) {
      if (auto done = clear_line(soon()); !done) return done;
    }
    if (auto sorted = sort_what_waits(); !sorted) return sorted;
    // Exactly one final result may come: a second one is the late answer of something older.
    sorted_late_results_ = dialogue_.counters().late_results;
    if (auto begun = begin("AT", false); !begun) return begun;
    const auto outcome = await(soon(), Ending::final_result);
    if (!outcome) return tl::unexpected(outcome.error());
    dialogue_.abandon();
    if (auto done = in_doubt ? drain(soon()) : sort_what_waits(); !done) return done;
    out_of_step_ = *outcome != Outcome::answered || dialogue_.counters().late_results != sorted_late_results_;
    if (!out_of_step_) break;
    if (auto paused = pause(std::min(deadline, next_probe)); !paused) return paused;
    if (steady_now() >= deadline) break;
  }
  if (out_of_step_) return fail(Errc::timeout, device() + ": no answer to AT", Retry::yes);
  settled_at_ = {};
  return {};
}

// Lets time pass and keeps what the modem says meanwhile.
Result<void> AtChannel::pause(SteadyTime until) {
  while (steady_now() < until) {
    const auto ready = pump(until, abort_);
    if (!ready) return tl::unexpected(ready.error());
    if (ready->woken) return fail(Errc::timeout, device() + ": stopped", Retry::yes);
  }
  return {};
}

Result<void> AtChannel::begin(std::string_view line, bool expects_prompt) {
  hides_digits_ = line.starts_with("AT+CPIN=");
  dialogue_.begin(line, expects_prompt);
  return write(std::string(line) + '\r');
}

// The modem said so since the command was written, and will not answer it any more.
bool AtChannel::was_reset() const {
  return dialogue_.heard_restart() || (dialogue_.heard_start() && !expects_start());
}

// Waits for the final result, or for the prompt where one is expected.
Result<AtChannel::Outcome> AtChannel::await(SteadyTime deadline, Ending ending, milliseconds most_silence) {
  const SteadyTime start = steady_now();
  for (;;) {
    if (dialogue_.answered()) return Outcome::answered;
    if (dialogue_.prompted()) return Outcome::prompted;
    const bool may_end = ending == Ending::may_be_missing && dialogue_.has_lines();
    auto until = may_end ? std::min(deadline, steady_now() + timeouts_.unfinished) : deadline;
    const SteadyTime silent_at = std::max(start, last_heard_) + most_silence;
    if (most_silence.count() > 0) until = std::min(until, silent_at);
    const auto ready = pump(until, abort_);
    if (!ready) return tl::unexpected(ready.error());
    if (!dialogue_.answered() && was_reset()) return Outcome::restarted;
    if (ready->woken && !dialogue_.answered()) return Outcome::too_late;
    if (!ready->readable && may_end) return Outcome::unfinished;
    if (!ready->readable && steady_now() >= deadline) return Outcome::too_late;
    if (!ready->readable && until == silent_at) return Outcome::silent;
  }
}

void AtChannel::lapse() {
  out_of_step_ = true;
  ++lapses_;
}

// All that the port holds: an indication, and a final result that nobody waited for.
Result<void> AtChannel::sort_what_waits() {
  for (int reads = 0; reads < kMostReadsAtOnce; ++reads) {
    const auto ready = pump(SteadyTime{}, nullptr);
    if (!ready) return tl::unexpected(ready.error());
    if (!ready->readable) return {};
  }
  return {};
}

// The second result of a refusal would pass for the answer to a command that has nothing but its result;
// where lines belong to the answer it shows, and is not waited for.
Result<void> AtChannel::prepare(bool has_own_lines) {
  if (auto sorted = sort_what_waits(); !sorted) return sorted;
  if (!has_own_lines) {
    if (auto settled = pause(settled_at_); !settled) return settled;
    settled_at_ = {};
  }
  if (dialogue_.counters().late_results != sorted_late_results_ && !out_of_step_) lapse();
  return out_of_step_ ? synchronise(steady_now() + timeouts_.resync) : Result<void>();
}

// False when the answer may be another command's: OK without the lines that belong to it, and then a second
// final result.
Result<bool> AtChannel::is_certain(bool lacks_lines) {
  if (!lacks_lines) return true;
  if (auto drained = drain(steady_now() + timeouts_.probe); !drained) return tl::unexpected(drained.error());
  return dialogue_.counters().late_results == sorted_late_results_;
}

// A refusal right behind a refusal may be the second result of that one: then another result follows.
Result<bool> AtChannel::is_anothers(const Answer& answer) {
  if (answer.ok() || !answer.lines.empty() || steady_now() >= settled_at_) return false;
  if (auto drained = drain(steady_now() + timeouts_.probe); !drained) return tl::unexpected(drained.error());
  settled_at_ = {};
  return dialogue_.counters().late_results != sorted_late_results_;
}

Result<Answer> AtChannel::ask(const Request& request) {
  const bool is_hex = request.pdu.empty() || is_hex_line(request.pdu);
  if (has_control_character(request.line) || !is_hex) {
    return fail(Errc::bad_input, "not an AT command: a control character, or a PDU that is not hex");
  }
  const auto busy_until = steady_now() + request.while_busy;
  for (int reads = 1;;) {
    auto answer = request.pdu.empty() ? ask_once(request) : hand_over(request);
    const bool lost = !answer && answer.error().code == Errc::timeout;
    const bool may_repeat = request.only_reads && !was_reset();  // a reset changes what is read
    const int most_reads = lost ? kReadsOfSilence : kReadsOfDamage;
    if (may_repeat && reads < most_reads && (lost || (answer && answer->damaged))) {
      ++reads;
      continue;
    }
    if (answer && is_not_ready_yet(answer->result) && steady_now() < busy_until) {
      if (auto paused = pause(steady_now() + timeouts_.retry); !paused) return tl::unexpected(paused.error());
      continue;
    }
    if (request.silence == Silence::may_happen_once) {
      silent_requests_ = lost ? silent_requests_ + 1 : 0;
      if (lost && silent_requests_ == 1) return Answer();
    }
    const bool refused = answer && !answer->ok() && answer->result.kind != FinalResult::Kind::missing;
    if (refused && request.refusal == Refusal::is_error) {
      return tl::unexpected(to_error(command_name(request.line), answer->result));
    }
    return answer;
  }
}

Result<Answer> AtChannel::ask_once(const Request& request) {
  const bool has_own_lines = answer_shape(request.line).has_lines;
  if (auto ready = prepare(has_own_lines); !ready) return tl::unexpected(ready.error());
  if (auto begun = begin(request.line, false); !begun) {
    lapse();
    return tl::unexpected(begun.error());
  }
  if (request.all_lines) dialogue_.keep_all_lines();
  const auto outcome = await(steady_now() + request.timeout, request.ending, request.most_silence);
  const bool lacks_lines = dialogue_.lacks_lines();
  Answer answer = dialogue_.take_answer();
  if (outcome && *outcome == Outcome::unfinished)
    out_of_step_ = true;
  else if (!outcome || *outcome != Outcome::answered)
    lapse();
  if (!outcome) return tl::unexpected(outcome.error());
  if (*outcome == Outcome::restarted) return restarted(request.line);
  if (*outcome == Outcome::too_late) return no_answer(request.line, request.timeout);
  if (*outcome == Outcome::silent) return no_answer(request.line, request.most_silence);
  if (*outcome == Outcome::unfinished) return answer;
  const auto anothers = is_anothers(answer);
  if (!anothers) return tl::unexpected(anothers.error());
  if (*anothers) {
    lapse();
    return ask_once(request);  // it changes nothing, or the same twice is the same
  }
  if (!answer.ok()) settled_at_ = steady_now() + timeouts_.quiet;
  const auto certain = is_certain(answer.ok() && lacks_lines);
  if (!certain) return tl::unexpected(certain.error());
  if (*certain) return answer;
  lapse();
  return fail(Errc::timeout, std::string(command_name(request.line)) + ": two answers to one command",
              Retry::yes);
}

// AT+CMGS and its like: the line, the prompt, then the PDU and Ctrl-Z.
Result<Answer> AtChannel::hand_over(const Request& request) {
  if (auto ready = prepare(false); !ready) return tl::unexpected(ready.error());
  const auto out_of_step = [this](auto error) {
    dialogue_.abandon();
    lapse();
    return error;
  };
  if (auto begun = begin(request.line, true); !begun) return out_of_step(tl::unexpected(begun.error()));
  auto outcome = await(steady_now() + timeouts_.prompt, Ending::final_result);
  if (!outcome) return out_of_step(tl::unexpected(outcome.error()));
  if (*outcome == Outcome::restarted) return out_of_step(restarted(request.line));
  if (*outcome != Outcome::prompted) {
    Answer answer = dialogue_.take_answer();
    const bool refused = *outcome == Outcome::answered && !answer.ok();
    if (!refused) return no_prompt(request.line, *outcome == Outcome::answered);
    settled_at_ = steady_now() + timeouts_.quiet;
    return answer;
  }
  dialogue_.begin_payload(request.pdu);
  // A write that fails has not written Ctrl-Z, so nothing was handed over.
  if (auto handed_over = write(request.pdu + kCtrlZ); !handed_over) {
    return out_of_step(tl::unexpected(handed_over.error()));
  }
  outcome = await(steady_now() + request.timeout, Ending::final_result);
  std::string why = outcome ? "no result came" : outcome.error().message;
  if (outcome && *outcome == Outcome::restarted) why = "the modem restarted";
  if (outcome && *outcome == Outcome::answered) {
    const bool lacks_lines = dialogue_.lacks_lines();
    Answer answer = dialogue_.take_answer();
    if (!answer.ok()) settled_at_ = steady_now() + timeouts_.quiet;
    const auto certain = is_certain(answer.ok() && lacks_lines);
    if (certain && *certain) return answer;
    why = certain ? "two results came" : certain.error().message;
  }
  const auto unknown = fail(Errc::outcome_unknown, std::string(command_name(request.line)) +
                                                       ": the message was handed over, but " + why);
  return out_of_step(unknown);
}

// No ">", or an OK in its place, behind which a prompt may still come. ESC at once: a modem that sits in text
// entry announces nothing.
Result<Answer> AtChannel::no_prompt(std::string_view line, bool answered) {
  dialogue_.abandon();
  lapse();
  const auto found = synchronise(steady_now() + timeouts_.resync);
  if (!found && found.error().code == Errc::disconnected) return tl::unexpected(found.error());
  return fail(Errc::timeout,
              std::string(command_name(line)) + (answered ? ": OK instead of a prompt" : ": no prompt"),
              Retry::yes);
}

Result<SerialPort::Readiness> AtChannel::wait(SteadyTime deadline, const Wakeup* wakeup, int other) {
  return pump(deadline, wakeup, other);
}

}  // namespace pigeon::modem
