// The grammar of an AT line (ITU-T V.250, 3GPP TS 27.005 and 27.007) as modems really write it: bytes into
// lines, and a line into a final result. Pure and bounded: no input can make it keep more than one line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pigeon::modem {

// The longest line that is kept, in bytes. A PDU line has at most 352; a longer line is somebody's garbage.
inline constexpr std::size_t kMaxLineLength = 2048;

// Cuts what the port delivers into lines. CR and LF both end a line, blank lines do not exist, NUL and other
// control characters are dropped, and so are bytes of line noise in front of a line.
class LineSplitter {
 public:
  // Takes bytes from the front of `input` until a line is complete, and returns that line without its end;
  // nothing when `input` is used up. The view is good until the next call.
  [[nodiscard]] std::optional<std::string_view> next(std::string_view& input);

  // What has arrived of a line that is not complete yet: this is where a prompt shows.
  [[nodiscard]] std::string_view partial() const;
  void clear();  // forgets the partial line
  // Thrown away whole, since construction.
  [[nodiscard]] std::uint64_t overlong_lines() const { return overlong_lines_; }

 private:
  void append(char c);

  std::string line_;
  bool returned_ = false;  // line_ was handed out and goes with the next call
  bool skipping_ = false;  // inside a line that has grown too long
  std::uint64_t overlong_lines_ = 0;
};

// How a command ended (V.250 §5.7.1, TS 27.005 §3.2.5, TS 27.007 §9.2, and what vendors made of them).
struct FinalResult {
  enum class Kind {
    ok,
    error,       // ERROR and its vendor forms; no reason given
    cme_error,   // +CME ERROR, of the equipment
    cms_error,   // +CMS ERROR, of the message service
    call_ended,  // NO CARRIER, BUSY, …: final for a dialling command only
    missing,     // the answer came and the final result did not; see AtChannel::command
  };
  Kind kind = Kind::missing;
  std::optional<int> code;  // of cme_error and cms_error; verbose texts are mapped to their number
  std::string text;         // the line as it came

  [[nodiscard]] bool ok() const { return kind == Kind::ok; }  // OK and nothing else
  // +CME ERROR with this number or its text.
  [[nodiscard]] bool is_cme(int value) const { return kind == Kind::cme_error && code == value; }
  // +CMS ERROR with this number or its text.
  [[nodiscard]] bool is_cms(int value) const { return kind == Kind::cms_error && code == value; }
};

// Nothing when `line` is no final result. "+CMS ERROR:321" without the space and an empty reason are
// accepted.
[[nodiscard]] std::optional<FinalResult> parse_final(std::string_view line);

// ">" with or without a space behind it, as a whole line or as the beginning of one.
[[nodiscard]] bool is_prompt(std::string_view line);

// Only hexadecimal digits, and at least one: a PDU or a piece of one.
[[nodiscard]] bool is_hex_line(std::string_view line);

// Which lines belong to a command's answer.
struct AnswerShape {
  std::string prefix;  // "+CMGR" of "AT+CMGR=3"; empty when the command has no answer but its final result
  bool plain_text = false;   // identification commands answer without a prefix
  bool pdu_follows = false;  // each prefixed line is followed by a PDU on a line of its own
  bool dials = false;        // NO CARRIER and the like are final
  bool any_line = false;     // whatever is no known unsolicited code belongs to the answer
  bool has_lines = false;    // OK alone is odd: nothing was found, or it is the late end of another command
};
// From the command's name alone: `command` begins with "AT" and is one command without its CR.
[[nodiscard]] AnswerShape answer_shape(std::string_view command);

// "+CSQ: 20,99" for "+CSQ"; "+CSQN:" is another one.
[[nodiscard]] bool has_prefix(std::string_view line, std::string_view prefix);

// Any line of the form "+NAME:", "^NAME:", "*NAME:", … whoever sent it.
[[nodiscard]] bool looks_like_urc(std::string_view line);

}  // namespace pigeon::modem
