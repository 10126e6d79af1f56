// The conversation on an AT line without the line: told what was written and what came back, it says which
// lines answer the pending command, which are unsolicited, and what the final result is. Pure, so that every
// split of every exchange can be tested; at_channel.h adds the port and the deadlines.
//
// An unsolicited code may stand between any two lines of an answer, and some modems write one into the middle
// of a line:
//
//   +CMGR: 1,,2 | +CMTI: "SM",4 | 3 | 0791…      "3" is nobody's line: the answer is damaged
//
// Nothing is put together from pieces: whoever asked asks again. Only a final result and an echo are known
// torn as well ("O", "K"), so that a damaged answer ends.
//
// Bounded: lines, answers and queues have limits, whatever arrives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "modem/at/at_parser.h"
#include "modem/at/urc.h"

namespace pigeon::modem {

struct AnswerLine {
  std::string text;
  std::string pdu;  // hex; of +CMGR and +CMGL
};

struct Answer {
  FinalResult result;
  std::vector<AnswerLine> lines;
  bool damaged = false;  // a line stood in it that is nobody's: what it says may be torn, ask again

  [[nodiscard]] bool ok() const { return result.ok(); }  // the final result was OK; a missing one is none
  // The first line, or empty.
  [[nodiscard]] std::string_view text() const {
    return lines.empty() ? std::string_view() : lines.front().text;
  }
};

class AtDialogue {
 public:
  // What this modem says unasked beside the standards' codes; none at first. `own` has to last as long as
  // this.
  void expect_urcs(std::span<const VendorUrc> own) { vendor_urcs_ = own; }

  // The command line, without its CR, is about to be written. What is left of an earlier command is
  // forgotten.
  void begin(std::string_view command, bool expects_prompt = false);
  // After begin(), for a person who reads the answer: every line that is no known unsolicited code is its.
  void keep_all_lines() { shape_.any_line = true; }
  // The answer to the prompt is about to be written; its echo is not part of the answer.
  void begin_payload(std::string_view payload);
  void abandon();  // nobody waits any more; late lines are nobody's

  // What the port brought, cut anywhere; a line is acted on when its end is there, a prompt at once.
  void receive(std::string_view bytes);

  [[nodiscard]] bool prompted() const { return prompted_; }  // ">" came: begin_payload() is due
  [[nodiscard]] bool answered() const { return phase_ == Phase::answered; }  // the final result came
  // Since begin(): the modem said that it restarts, or that its SMS service has just come up.
  [[nodiscard]] bool heard_restart() const { return heard_restart_; }
  [[nodiscard]] bool heard_start() const { return heard_start_; }
  // Since begin(): the command line came back, as after ATE1.
  [[nodiscard]] bool heard_echo() const { return heard_echo_; }
  // The answer is of a command that says more than OK, yet has no line.
  [[nodiscard]] bool lacks_lines() const { return shape_.has_lines && answer_.lines.empty(); }
  // An answer has begun, final result or not.
  [[nodiscard]] bool has_lines() const { return !answer_.lines.empty(); }
  // The answer so far; afterwards nothing is pending.
  [[nodiscard]] Answer take_answer();

  [[nodiscard]] bool has_urcs() const { return !urcs_.empty(); }  // an event waits; noise does not
  [[nodiscard]] std::vector<Urc> take_urcs();                     // oldest first; each is given out once
  // Whether unsolicited codes had to be dropped since the last call, for want of room.
  [[nodiscard]] bool take_urcs_lost();

  struct Counters {
    std::uint64_t noise = 0;         // known and unknown unsolicited lines without meaning here
    std::uint64_t late_results = 0;  // final results that nobody waited for
    std::uint64_t restarts = 0;      // boot chatter and power-down lines
    std::uint64_t echoes = 0;        // command lines that came back, as heard_echo()
    std::uint64_t foreign_commands =
        0;  // echoes of commands that were not ours: another program has the port
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }  // since construction
  // Lines dropped for want of room (kMaxLineLength), since construction.
  [[nodiscard]] std::uint64_t overlong_lines() const { return splitter_.overlong_lines(); }

 private:
  enum class Phase { idle, prompt, answer, answered };
  enum class Token { final_result, answer, pdu, urc, unknown };

  void on_line(std::string_view line);
  [[nodiscard]] bool take_urc_pdu(std::string_view line, Token token);
  [[nodiscard]] bool is_echo(std::string_view line);
  [[nodiscard]] bool inside_ussd(std::string_view line);
  void end_ussd();
  [[nodiscard]] bool ends_torn(std::string_view line, Token token);
  [[nodiscard]] Token classify(std::string_view line) const;
  void dispatch(std::string_view line, Token token);
  void on_final(std::string_view line);
  void on_answer(std::string_view line);
  void on_pdu(std::string_view line);
  void on_urc(std::string_view line);
  void on_unknown(std::string_view line);
  void enqueue(Urc urc);
  [[nodiscard]] bool active() const { return phase_ == Phase::prompt || phase_ == Phase::answer; }
  [[nodiscard]] bool wants_pdu() const;

  std::span<const VendorUrc> vendor_urcs_;
  LineSplitter splitter_;
  Phase phase_ = Phase::idle;
  std::string command_;
  std::string payload_;
  std::string previous_command_;  // its echo may still be under way
  AnswerShape shape_;
  Answer answer_;
  std::size_t answer_bytes_ = 0;
  bool prompted_ = false;

  std::string fragment_;  // a line of the pending answer that is nobody's: perhaps the beginning of OK
  bool heard_restart_ = false;
  bool heard_start_ = false;
  bool heard_echo_ = false;
  int ussd_lines_ = 0;         // that may still belong to a +CUSD whose quotation mark is open
  std::optional<Urc> ussd_;    // that one
  bool ussd_pending_ = false;  // AT+CUSD was given: its failure may come behind the OK

  std::optional<Urc> urc_header_;  // +CMT or +CDS that waits for its PDU
  std::vector<Urc> urcs_;
  bool urcs_lost_ = false;
  Counters counters_;
};

}  // namespace pigeon::modem
