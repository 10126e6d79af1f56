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

}  // namespace

std::string_view command_name(std::string_view line) {
  return line.substr(0, line.find('='));
}

Result<AtChannel> AtChannel::create(SerialPort port, const ChannelTimeouts& timeouts,
                                    const std::string& transcript_path, const Wakeup* abort) {
  std::unique_ptr<TranscriptWriter> transcript;
  if (!transcript_path.empty()) {
    auto opened = TranscriptWriter::open(transcript_path);
    if (!opened) return tl::unexpected(opened.error());
    transcript = std::make_unique<TranscriptWriter>(std::move(*opened));
  }
  return AtChannel(std::move(port), timeouts, std::move(transcript), abort);
}

AtChannel::AtChannel(SerialPort port, const ChannelTimeouts& timeouts,
                     std::unique_ptr<TranscriptWriter> transcript, const Wakeup* abort)
    : port_(std::move(port)), timeouts_(timeouts), transcript_(std::move(transcript)), abort_(abort) {}

void AtChannel::record(TranscriptEntry::Kind kind, std::string_view bytes) {
  if (!transcript_) return;
  if (hides_digits_)
    transcript_->record(kind, without_digits(bytes));
  else
    transcript_->record(kind, bytes);
}

Result<void> AtChannel::write(std::string_view bytes) {
  record(TranscriptEntry::Kind::to_modem, bytes);
  return port_.write(bytes, steady_now() + timeouts_.write);
}

Result<SerialPort::Readiness> AtChannel::pump(SteadyTime deadline, const Wakeup* wakeup) {
  auto ready = port_.wait(deadline, wakeup);
  if (!ready || !ready->readable) return ready;
  std::array<char, 4096> buffer;
  const auto got = port_.read(buffer);
  if (!got) return tl::unexpected(got.error());
  const std::string_view bytes(buffer.data(), *got);
  if (bytes.empty()) return ready;
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

Result<void> AtChannel::synchronise(SteadyTime deadline) {
  const auto soon = [&] { return std::min(deadline, steady_now() + timeouts_.probe); };
  dialogue_.abandon();
  if (auto done = write(std::string{kEscape, '\r'}); !done) return done;
  if (auto drained = drain(soon()); !drained) return drained;
  do {
    // Exactly one final result may come: a second one is the late answer of something older.
    const auto late_results = dialogue_.counters().late_results;
    if (auto begun = begin("AT", false); !begun) return begun;
    const auto outcome = await(soon(), Ending::final_result);
    if (!outcome) return tl::unexpected(outcome.error());
    const bool ok = *outcome == Outcome::answered && dialogue_.take_answer().ok();
    dialogue_.abandon();
    if (auto drained = drain(soon()); !drained) return drained;
    out_of_step_ = !ok || dialogue_.counters().late_results != late_results;
  } while (out_of_step_ && steady_now() < deadline);
  if (out_of_step_) return fail(Errc::timeout, device() + ": no answer to AT", Retry::yes);
  return {};
}

Result<void> AtChannel::begin(std::string_view line, bool expects_prompt) {
  hides_digits_ = line.starts_with("AT+CPIN=");
  dialogue_.begin(line, expects_prompt);
  return write(std::string(line) + '\r');
}

// Waits for the final result, or for the prompt where one is expected.
Result<AtChannel::Outcome> AtChannel::await(SteadyTime deadline, Ending ending) {
  for (;;) {
    if (dialogue_.answered()) return Outcome::answered;
    if (dialogue_.prompted()) return Outcome::prompted;
    const bool may_end = ending == Ending::may_be_missing && dialogue_.has_lines();
    const auto until = may_end ? std::min(deadline, steady_now() + timeouts_.unfinished) : deadline;
    const auto ready = pump(until, abort_);
    if (!ready) return tl::unexpected(ready.error());
    if (ready->woken && !dialogue_.answered()) return Outcome::too_late;
    if (!ready->readable && may_end) return Outcome::unfinished;
    if (!ready->readable && steady_now() >= deadline) return Outcome::too_late;
  }
}

Result<Answer> AtChannel::command(std::string_view line, milliseconds timeout, Ending ending) {
  if (has_control_character(line)) return fail(Errc::bad_input, "control character in an AT command");
  if (out_of_step_) {
    if (auto found = synchronise(steady_now() + timeouts_.resync); !found)
      return tl::unexpected(found.error());
  }
  if (auto begun = begin(line, false); !begun) {
    out_of_step_ = true;
    return tl::unexpected(begun.error());
  }
  const auto outcome = await(steady_now() + timeout, ending);
  out_of_step_ = !outcome || *outcome != Outcome::answered;
  Answer answer = dialogue_.take_answer();
  if (!outcome) return tl::unexpected(outcome.error());
  if (*outcome == Outcome::too_late) return no_answer(line, timeout);
  return answer;
}

Result<Answer> AtChannel::demand(std::string_view line, milliseconds timeout, Ending ending) {
  auto answer = command(line, timeout, ending);
  if (!answer || answer->ok() || answer->result.kind == FinalResult::Kind::missing) return answer;
  return tl::unexpected(to_error(command_name(line), answer->result));
}

Result<Answer> AtChannel::command_with_pdu(std::string_view line, std::string_view hex,
                                           milliseconds timeout) {
  if (has_control_character(line) || !is_hex_line(hex)) return fail(Errc::bad_input, "not a PDU command");
  if (out_of_step_) {
    if (auto found = synchronise(steady_now() + timeouts_.resync); !found)
      return tl::unexpected(found.error());
  }
  out_of_step_ = true;  // until a final result comes
  if (auto begun = begin(line, true); !begun) return tl::unexpected(begun.error());
  auto outcome = await(steady_now() + timeouts_.prompt, Ending::final_result);
  if (!outcome) return tl::unexpected(outcome.error());
  if (*outcome == Outcome::answered) {
    out_of_step_ = false;
    return dialogue_.take_answer();
  }
  if (*outcome == Outcome::too_late) {
    dialogue_.abandon();
    // ESC at once: a modem that sits in text entry announces nothing.
    auto found = synchronise(steady_now() + timeouts_.resync);
    if (!found && found.error().code == Errc::disconnected) return tl::unexpected(found.error());
    return fail(Errc::timeout, std::string(command_name(line)) + ": no prompt", Retry::yes);
  }
  dialogue_.begin_payload(hex);
  // A write that fails has not written Ctrl-Z, so nothing was handed over.
  if (auto handed_over = write(std::string(hex) + kCtrlZ); !handed_over)
    return tl::unexpected(handed_over.error());
  outcome = await(steady_now() + timeout, Ending::final_result);
  if (outcome && *outcome == Outcome::answered) {
    out_of_step_ = false;
    return dialogue_.take_answer();
  }
  dialogue_.abandon();
  const std::string why = outcome ? "no result came" : outcome.error().message;
  return fail(Errc::outcome_unknown,
              std::string(command_name(line)) + ": the message was handed over, but " + why);
}

Result<SerialPort::Readiness> AtChannel::wait(SteadyTime deadline, const Wakeup* wakeup) {
  return pump(deadline, wakeup);
}

}  // namespace pigeon::modem
