// The conversation on an AT line without the line: told what was written and what came back, it says which
// lines answer the pending command, which are unsolicited, and what the final result is. Pure, so that every
// split of every exchange can be tested; at_channel.h adds the port and the deadlines.
//
// An unsolicited code may stand between any two lines of an answer, and some modems write one into the middle
// of a line:
//
//   +CMGR: 1,,2 | +CMTI: "SM",4 | 3 | 0791…      the pieces "+CMGR: 1,,2" and "3" are put together again
//
// Bounded: lines, answers and queues have limits, whatever arrives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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
  bool interrupted = false;  // something unsolicited came in between: check lengths before trusting a PDU

  [[nodiscard]] bool ok() const { return result.ok(); }  // the final result was OK; a missing one is none
  // The first line, or empty.
  [[nodiscard]] std::string_view text() const {
    return lines.empty() ? std::string_view() : lines.front().text;
  }
};

class AtDialogue {
 public:
  // The command line, without its CR, is about to be written. What is left of an earlier command is
  // forgotten.
  void begin(std::string_view command, bool expects_prompt = false);
  // The answer to the prompt is about to be written; its echo is not part of the answer.
  void begin_payload(std::string_view payload);
  void abandon();  // nobody waits any more; late lines are nobody's

  // What the port brought, cut anywhere; a line is acted on when its end is there, a prompt at once.
  void receive(std::string_view bytes);

  [[nodiscard]] bool prompted() const { return prompted_; }  // ">" came: begin_payload() is due
  [[nodiscard]] bool answered() const { return phase_ == Phase::answered; }  // the final result came
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
    std::uint64_t foreign_commands =
        0;  // echoes of commands that were not ours: another program has the port
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }  // since construction
  // Lines dropped for want of room (kMaxLineLength), since construction.
  [[nodiscard]] std::uint64_t overlong_lines() const { return splitter_.overlong_lines(); }

 private:
  enum class Phase { idle, prompt, answer, answered };
  enum class Token { final_result, answer, pdu, urc, unknown };
  enum class Tail { none, fragment, header, pdu };  // what the last line of the pending answer was

  void on_line(std::string_view line);
  [[nodiscard]] bool take_urc_pdu(std::string_view line, Token token);
  [[nodiscard]] bool is_echo(std::string_view line) const;
  [[nodiscard]] bool join_torn(std::string_view line, Token token);
  [[nodiscard]] bool extend(std::string& piece, std::string_view line);
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

  LineSplitter splitter_;
  Phase phase_ = Phase::idle;
  std::string command_;
  std::string payload_;
  std::string previous_command_;  // its echo may still be under way
  AnswerShape shape_;
  Answer answer_;
  std::size_t answer_bytes_ = 0;
  bool prompted_ = false;

  Tail tail_ = Tail::none;
  std::string fragment_;
  bool after_urc_ = false;  // the line before this one was unsolicited

  std::optional<Urc> urc_header_;  // +CMT or +CDS that waits for its PDU
  std::vector<Urc> urcs_;
  bool urcs_lost_ = false;
  Counters counters_;
};

}  // namespace pigeon::modem
