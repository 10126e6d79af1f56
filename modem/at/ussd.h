// USSD, the network's short dialogues by code ("*100#": how much credit is left), as modems write them (3GPP
// TS 27.007 §7.15). The answer comes as +CUSD when it likes, in one of many shapes that its <dcs> names only
// sometimes; the request goes out plain, or packed to hex for those who want it so. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pigeon::modem {

// What an answer of the network, or the failure of a request, comes to; <m> of +CUSD.
struct UssdReply {
  enum class Kind {
    finished,       // 0: the text is all
    answer_wanted,  // 1: the network waits for an answer to it
    ended,          // 2: the network has ended the session; the text may be the answer all the same
    taken,          // 3: another program at the modem has answered
    not_supported,  // 4
    timed_out,      // 5: the network's own time-out
    undocumented,   // some modems say 6
    refused,        // +CME ERROR behind the OK: `text` is that line
  };
  Kind kind = Kind::finished;
  int status = 0;    // <m>, -1 where there is none
  std::string text;  // UTF-8, without white space at its ends; may have several lines
  bool operator==(const UssdReply&) const = default;
};

// "finished", "answer wanted", …; for machines.
[[nodiscard]] std::string_view word_of(UssdReply::Kind kind);

// Whether the reply is what was asked for: a text, or the end of a dialogue that was to end.
[[nodiscard]] bool is_answer(const UssdReply& reply);

// Of a whole +CUSD line, the lines of its text divided by "\n". Hex is read as UCS-2, as octets or as packed
// septets, whichever makes words of it, <dcs> first; other text as the default alphabet in which AT+CSCS has
// it.
[[nodiscard]] UssdReply parse_ussd(std::string_view urc);

// AT+CUSD that gives the network a code, or the answer to its question. Nothing where this form cannot say
// it: `plain` takes ASCII without quotation marks, `packed` the default alphabet.
enum class UssdForm { plain, packed };
[[nodiscard]] std::optional<std::string> ussd_request(std::string_view text, UssdForm form);

// Whether `text` can be sent as a code or an answer: 1 to 182 characters of the default alphabet, no control
// characters.
[[nodiscard]] bool is_ussd_text(std::string_view text);

}  // namespace pigeon::modem
