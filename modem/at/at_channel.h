// One AT command at a time on one port, each with a deadline. What the modem says without being asked is kept
// until somebody takes it. Owned and called by one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/wakeup.h"
#include "modem/at/at_dialogue.h"
#include "modem/port/serial_port.h"
#include "modem/port/transcript.h"

namespace pigeon::modem {

struct ChannelTimeouts {
  milliseconds write{5000};       // for the port to take a line
  milliseconds prompt{10000};     // from AT+CMGS to ">"
  milliseconds probe{1000};       // for the answer to a bare AT
  milliseconds quiet{40};         // silence that ends a drain
  milliseconds resync{5000};      // to find back after a command without an answer
  milliseconds unfinished{2000};  // silence behind an answer whose final result does not come
};

// Whether a command must end in a final result. Some modems answer +CPIN and +CPMS without one.
enum class Ending { final_result, may_be_missing };

class AtChannel {
 public:
  // While `abort` (may be null) is notified, nothing waits any longer: commands fail with Errc::timeout.
  // Errc::io: the transcript (path; empty: none) cannot be opened.
  [[nodiscard]] static Result<AtChannel> create(SerialPort port, const ChannelTimeouts& timeouts,
                                                const std::string& transcript_path, const Wakeup* abort);

  // The path that was opened, links resolved.
  [[nodiscard]] const std::string& device() const { return port_.device(); }

  // Leaves a text entry that somebody began (ESC), drops what is under way, and asks AT until a clean OK
  // comes. Errc::timeout: none came until `deadline`.
  [[nodiscard]] Result<void> synchronise(SteadyTime deadline);

  // Writes `line` and CR, and collects the answer; a refusal is an Answer too. Errc::timeout: no final result
  // came, and the next command first finds back into step. Errc::bad_input: `line` holds a control character.
  [[nodiscard]] Result<Answer> command(std::string_view line, milliseconds timeout,
                                       Ending ending = Ending::final_result);
  // The same, where only OK will do; a refusal becomes an error (at_errors.h).
  [[nodiscard]] Result<Answer> demand(std::string_view line, milliseconds timeout,
                                      Ending ending = Ending::final_result);

  // AT+CMGS and its like: `line`, the prompt, then `hex` and Ctrl-Z. Errc::outcome_unknown: the PDU was
  // handed over and no final result came within `timeout`; every other error means that nothing was handed
  // over.
  [[nodiscard]] Result<Answer> command_with_pdu(std::string_view line, std::string_view hex,
                                                milliseconds timeout);

  // Blocks until something arrives, `wakeup` (may be null) is notified or `deadline` passes; without a
  // wake-up of the processor in between.
  [[nodiscard]] Result<SerialPort::Readiness> wait(SteadyTime deadline, const Wakeup* wakeup);

  [[nodiscard]] bool has_urcs() const { return dialogue_.has_urcs(); }  // true: take_urcs() is not empty
  // Oldest first, each given out once; noise is only counted.
  [[nodiscard]] std::vector<Urc> take_urcs() { return dialogue_.take_urcs(); }
  // True once after a flood: codes were dropped that may have announced a message, so list.
  [[nodiscard]] bool take_urcs_lost() { return dialogue_.take_urcs_lost(); }
  // Since create(); never reset.
  [[nodiscard]] const AtDialogue::Counters& counters() const { return dialogue_.counters(); }

 private:
  AtChannel(SerialPort port, const ChannelTimeouts& timeouts, std::unique_ptr<TranscriptWriter> transcript,
            const Wakeup* abort);

  [[nodiscard]] Result<void> begin(std::string_view line, bool expects_prompt);
  [[nodiscard]] Result<void> write(std::string_view bytes);
  [[nodiscard]] Result<SerialPort::Readiness> pump(SteadyTime deadline, const Wakeup* wakeup);
  [[nodiscard]] Result<void> drain(SteadyTime deadline);
  enum class Outcome { answered, prompted, unfinished, too_late };
  [[nodiscard]] Result<Outcome> await(SteadyTime deadline, Ending ending);
  void record(TranscriptEntry::Kind kind, std::string_view bytes);

  SerialPort port_;
  ChannelTimeouts timeouts_;
  std::unique_ptr<TranscriptWriter> transcript_;
  const Wakeup* abort_ = nullptr;
  AtDialogue dialogue_;
  bool out_of_step_ = false;   // an answer may still be under way
  bool hides_digits_ = false;  // a PIN is being entered: it stays out of the transcript
};

// "AT+CPIN" of AT+CPIN="1234": what an error may say of a command.
[[nodiscard]] std::string_view command_name(std::string_view line);

}  // namespace pigeon::modem
