// What dongles are known to do against 3GPP TS 27.005, as habits that the simulated modem can be given and
// rid of at any moment: each was met in the field and made some gateway lose, repeat or miss a text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sim/modem/sim_at_result.h"

namespace pigeon::sim {

// How one AT+CMGS goes, from its PDU to its result.
struct SendHabit {
  std::string before{};   // octets that come out ahead of the result, with their framing
  milliseconds delay{0};  // between those and the result, on top of SimModemOptions::send_delay
};

// What the network says to one AT+CUSD request, and how the modem writes it (TS 27.007 §7.15).
struct UssdAnswer {
  enum class Form {
    plain,        // "text",15 in the alphabet of +CSCS
    plain_bare,   // "text", and no <dcs>
    packed,       // packed septets in hex, <dcs> 15
    packed_bare,  // the same without quotation marks and <dcs>
    octets,       // one character an octet, in hex
    ucs2,         // hex, <dcs> 72
    ucs2_as_15,   // the same with the <dcs> of another alphabet
    ucs2_longer,  // the same, <dcs> 17, with what lay behind it in memory
    line,         // `text` is the whole line: "+CUSD: 2", "+CME ERROR: 100"
    silence,
  };
  int status = 0;      // <m>: 1 waits for an answer
  std::string text{};  // UTF-8
  Form form = Form::plain;
  milliseconds delay{0};  // behind the OK
};

struct ModemHabits {
  std::optional<FinalResult> deletion{};  // AT+CMGD frees nothing and ends so (ok(): a lie)
  std::optional<int> used{};              // what AT+CPMS says is used; nothing: the truth
  bool one_storage = false;               // AT+CPMS= takes one storage only, +CMS ERROR: 302 for two or three
  std::vector<SendHabit> sends{};         // for the next AT+CMGS, one each; those behind them are ordinary
  bool smsc_lost = false;          // +CMS ERROR: 330 where the PDU names no service centre; AT+CSCA= ends it
  std::string noise{};             // octets in front of the next answer, once
  bool stores_twice = false;       // a text takes two slots and is announced twice
  std::vector<UssdAnswer> ussd{};  // to the next requests, one each; then SimModemOptions::ussd_answer
  bool ussd_packed = false;        // AT+CUSD takes packed septets in hex alone, and plain text is an ERROR
  bool announces = true;           // +CMTI, where +CNMI asks for it
  std::optional<int> bad_slot{};   // what lies there cannot be read: +CMS ERROR: 320, also within a list
  std::string report_code = "+CDS: ";    // ahead of the length of a report that comes directly
  std::string stored_report_named = {};  // what +CDSI says, wherever the report lies; empty: the truth
  std::string said_when_full = {};       // a line behind +CMTI of the message that takes the last slot
};

}  // namespace pigeon::sim
