// One AT command at a time on one port, each with a deadline. What the modem says without being asked is kept
// until somebody takes it. Owned and called by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/wakeup.h"
#include "modem/at/at_dialogue.h"
#include "modem/port/serial_port.h"
#include "modem/port/traffic.h"
#include "modem/port/transcript.h"

namespace pigeon::modem {

struct ChannelTimeouts {
  milliseconds write{5000};    // for the port to take a line
  milliseconds prompt{10000};  // from AT+CMGS to ">"
  milliseconds probe{1000};    // for the answer to a bare AT
  milliseconds between_probes{200};
  milliseconds quiet{40};         // silence that ends a drain
  milliseconds resync{5000};      // to find back after a command without an answer
  milliseconds unfinished{2000};  // silence behind an answer whose final result does not come
  milliseconds retry{500};        // between two tries while the SIM is busy
};

// Whether a command must end in a final result. Some modems answer +CPIN and +CPMS without one.
enum class Ending { final_result, may_be_missing };
// What a final result other than OK is: an Answer for the caller to look at, or an error (at_errors.h).
enum class Refusal { is_answer, is_error };
// What it is when nothing comes: an error, or, once in a row of such commands, an Answer whose result is
// `missing`.
enum class Silence { is_error, may_happen_once };

// One command and what is to become of its answer.
struct Request {
  std::string line;             // without its CR
  milliseconds timeout{10000};  // to the final result; with a PDU, from the PDU on
  Ending ending = Ending::final_result;
  std::string pdu = {};     // hex, written at the prompt with Ctrl-Z behind it; empty: the command has none
  bool only_reads = false;  // changes nothing, so it is asked again when its answer was damaged or lost
  milliseconds while_busy{0};  // it is asked again for so long while the SIM is still starting
  Refusal refusal = Refusal::is_answer;
  Silence silence = Silence::is_error;
  // Nothing at all heard for so long ends it sooner than `timeout`; 0: it does not.
  milliseconds most_silence{0};
  bool all_lines = false;  // a person reads the answer: AtDialogue::keep_all_lines()
};

class AtChannel {
 public:
  // While `abort` (may be null) is notified, nothing waits any longer: requests fail with Errc::timeout.
  // Errc::io: the transcript (path; empty: none) cannot be opened. `traffic` (borrowed; may be null) hears
  // all that is said.
  [[nodiscard]] static Result<AtChannel> create(SerialPort port, const ChannelTimeouts& timeouts,
                                                const std::string& transcript_path, const Wakeup* abort,
                                                Traffic* traffic = nullptr);

  // To a second port of the same modem, with a thread of its own; it is written down in the same transcript.
  [[nodiscard]] AtChannel beside(SerialPort port, const Wakeup* abort) const;

  // The path that was opened, links resolved.
  [[nodiscard]] const std::string& device() const { return port_.device(); }

  // AtDialogue::expect_urcs(): of every maker while it is not known whose modem it is, then of its own.
  void expect_urcs(std::span<const VendorUrc> own) { dialogue_.expect_urcs(own); }

  // Asks AT until exactly one final result comes: any, for whatever answers AT is an AT interpreter. The
  // first time no silence is waited for: a result that is older shows at the next question that has an answer
  // of its own. When that AT is not answered, and after a doubt, it leaves a text entry that somebody began
  // (ESC) and drops what is under way. Errc::timeout: none came until `deadline`.
  [[nodiscard]] Result<void> synchronise(SteadyTime deadline);

  // The one way to ask. What has come meanwhile is sorted first, and after an answer that may belong to
  // another command the channel finds back into step before it writes the line. Errc::timeout: no final
  // result came, or it cannot be told from that of another command, or the modem restarted; whether the
  // command was carried out is not known. With a PDU: nothing was handed over. Errc::outcome_unknown: the PDU
  // was handed over and no final result came. Errc::bad_input: `line` holds a control character or the PDU is
  // not hex.
  [[nodiscard]] Result<Answer> ask(const Request& request);

  // Until then the codes of a starting SMS service are expected; behind it they mean that the modem was
  // reset.
  void expect_start_until(SteadyTime until) { starting_until_ = until; }
  [[nodiscard]] bool expects_start() const { return steady_now() < starting_until_; }
  // The last command came back before its answer: echo is on.
  [[nodiscard]] bool heard_echo() const { return dialogue_.heard_echo(); }
  // How often the channel has been out of step: what a command settled before may not hold any more.
  [[nodiscard]] std::uint64_t lapses() const { return lapses_; }
  // When the modem last said anything.
  [[nodiscard]] SteadyTime last_heard() const { return last_heard_; }

  // Blocks until something arrives, `wakeup` (may be null) is notified, `other` (SerialPort::wait()) is
  // readable or `deadline` passes; without a wake-up of the processor in between.
  [[nodiscard]] Result<SerialPort::Readiness> wait(SteadyTime deadline, const Wakeup* wakeup, int other = -1);
  [[nodiscard]] int fd() const { return port_.fd(); }  // SerialPort::fd()

  [[nodiscard]] bool has_urcs() const { return dialogue_.has_urcs(); }  // true: take_urcs() is not empty
  // Oldest first, each given out once; noise is only counted.
  [[nodiscard]] std::vector<Urc> take_urcs() { return dialogue_.take_urcs(); }
  // True once after a flood: codes were dropped that may have announced a message, so list.
  [[nodiscard]] bool take_urcs_lost() { return dialogue_.take_urcs_lost(); }
  // Since create(); never reset.
  [[nodiscard]] const AtDialogue::Counters& counters() const { return dialogue_.counters(); }

 private:
  AtChannel(SerialPort port, const ChannelTimeouts& timeouts, std::shared_ptr<TranscriptWriter> transcript,
            const Wakeup* abort, Traffic* traffic);

  [[nodiscard]] Result<void> prepare(bool has_own_lines);
  [[nodiscard]] Result<void> sort_what_waits();
  [[nodiscard]] Result<Answer> ask_once(const Request& request);
  [[nodiscard]] Result<Answer> hand_over(const Request& request);
  [[nodiscard]] Result<Answer> no_prompt(std::string_view line, bool answered);
  [[nodiscard]] Result<bool> is_certain(bool lacks_lines);
  [[nodiscard]] Result<bool> is_anothers(const Answer& answer);
  [[nodiscard]] Result<void> pause(SteadyTime until);
  [[nodiscard]] bool was_reset() const;
  void lapse();
  [[nodiscard]] Result<void> begin(std::string_view line, bool expects_prompt);
  [[nodiscard]] Result<void> write(std::string_view bytes);
  [[nodiscard]] Result<SerialPort::Readiness> pump(SteadyTime deadline, const Wakeup* wakeup, int other = -1);
  [[nodiscard]] Result<void> drain(SteadyTime deadline);
  [[nodiscard]] Result<void> clear_line(SteadyTime deadline);
  enum class Outcome { answered, prompted, unfinished, too_late, silent, restarted };
  // `most_silence` as in Request.
  [[nodiscard]] Result<Outcome> await(SteadyTime deadline, Ending ending,
                                      milliseconds most_silence = milliseconds(0));
  void record(TranscriptEntry::Kind kind, std::string_view bytes);

  SerialPort port_;
  ChannelTimeouts timeouts_;
  std::shared_ptr<TranscriptWriter> transcript_;
  const Wakeup* abort_ = nullptr;
  Traffic* traffic_ = nullptr;
  int number_ = 1;  // of this port among the modem's
  AtDialogue dialogue_;
  bool out_of_step_ = false;  // an answer may still be under way
  std::uint64_t lapses_ = 0;
  std::uint64_t sorted_late_results_ = 0;  // of the dialogue's, those that the channel has found back from
  SteadyTime settled_at_{};                // a refusal may have a second final result until then
  SteadyTime starting_until_{};
  SteadyTime last_heard_ = steady_now();
  int silent_requests_ = 0;    // in a row, of those that may be silent once
  bool hides_digits_ = false;  // a PIN is being entered: it stays out of the transcript
};

// "AT+CPIN" of AT+CPIN="1234": what an error may say of a command.
[[nodiscard]] std::string_view command_name(std::string_view line);

}  // namespace pigeon::modem
