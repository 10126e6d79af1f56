// An exchange that somebody saw on a real modem, as a file that says what the modem answers, what the driver
// is asked to do, and what must come of it (tests/data/exchanges, one file each). The driver may ask other
// questions in another order than the program that was watched, so answers go by command and not by place.
//
//   # comment
//   % pin 0000                    an option: pin, smsc, echo (the modem never stops), before/after BYTES
//                                 (around each answer), impatient (short waits, for a modem that stays
//                                 silent), all (what is answered well is disturbed, too)
//   > AT+CPMS="SM"                a command line; * at its end stands for anything. PDU* is what ends in
//   Ctrl-Z < \r\nERROR\r\n               its answer; several in turn, the last one for ever. <nothing>, <hang
//   up>
//   @ open                        a step; a modem that is not named otherwise behaves well (modem_script)
//   = ready                       begins a line of what the step came to; $ at its end: is that line
//   ? 1 AT+CPIN="0000"            how often this line was heard so far
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pigeon::test {

struct ExchangeStep {
  std::string action;                              // "open", "read SM 1", …
  std::vector<std::string> expected;               // beginnings of lines of its outcome
  std::vector<std::pair<int, std::string>> heard;  // checked after it, in a play that nothing disturbs
};

struct Exchange {
  std::string name;  // of the file
  std::map<std::string, std::string> options;
  std::vector<std::pair<std::string, std::vector<std::string>>> answers;  // by line or beginning*, in turn
  std::vector<ExchangeStep> steps;
};

// Throws std::runtime_error with the file and line that is not as described above.
[[nodiscard]] Exchange read_exchange(const std::string& path);

// What happens on the line in one play besides what is recorded. Places count the bytes that the file's
// answers have written, from the first one on.
struct Disturbance {
  std::optional<std::size_t> pause_at;   // the modem pauses there, in the middle of whatever it writes
  std::optional<std::size_t> speaks_at;  // it says `words` there
  bool is_ahead = false;     // … when the command is there whose answer begins there, not before
  std::string_view words{};  // one of disturbing_words(), with its framing
};

// What modems say at any moment: of a text, of a report, of the network, of a call, a maker's own.
[[nodiscard]] std::vector<std::string_view> disturbing_words();

struct Play {
  std::vector<std::vector<std::string>> outcomes;  // of each step; what disturbing_words() makes is left out
  std::vector<std::vector<int>> heard;             // of each step, as often as its lines of ? ask
  std::string said;                                // all bytes that the file's answers have written
  std::vector<std::size_t> starts;                 // where each of them begins
};

// Plays it against a driver of its own.
[[nodiscard]] Play play(const Exchange& exchange, const Disturbance& disturbance = {});

}  // namespace pigeon::test
