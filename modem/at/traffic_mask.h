// What is said on an AT port, without what is private in it: numbers, texts, IMEI, IMSI, ICCID, PINs, USSD
// codes and the cell. Lengths and structure stay, so that a recording fails where the session failed. A
// number has the same mask wherever it stands in one recording. Pure.
//
//   < \r\n+CSCA: "+4917230000",145\r\n         +CSCA: "+4900000001",145
//   > AT+CPIN="1234"\r                         AT+CPIN="****"
//
// Octets come cut anywhere; they are handed on a line at a time, when the line is there as a whole.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "modem/at/urc.h"
#include "modem/port/transcript.h"

namespace pigeon::modem {

class TrafficMask {
 public:
  // What modems say unasked of themselves and not of people, beside the standards' codes; it has to last as
  // long as this.
  explicit TrafficMask(std::span<const VendorUrc> vendor_urcs) : vendor_urcs_(vendor_urcs) {}

  // What can be handed on now that `entry` was said.
  [[nodiscard]] std::vector<TranscriptEntry> take(const TranscriptEntry& entry);
  // What is left: the lines that were under way.
  [[nodiscard]] std::vector<TranscriptEntry> finish();

 private:
  using Kind = TranscriptEntry::Kind;
  enum class Expected { nothing, pdu_or_text };

  void hand_on(std::vector<TranscriptEntry>& out, std::size_t end);
  [[nodiscard]] std::string masked(std::string_view bytes);
  [[nodiscard]] std::string masked_command(std::string_view line);
  [[nodiscard]] std::string masked_answer(std::string_view line);
  [[nodiscard]] std::string masked_named(std::string_view line);
  [[nodiscard]] std::string masked_ussd(std::string_view line);
  [[nodiscard]] std::string masked_hex(std::string_view hex);
  [[nodiscard]] std::string masked_runs(std::string_view text, std::size_t shortest);
  [[nodiscard]] std::string masked_quoted(std::string_view line);
  [[nodiscard]] std::string masked_string(std::string_view text);
  [[nodiscard]] std::string number(std::string_view digits);

  std::span<const VendorUrc> vendor_urcs_;
  struct Conversation {       // on one port
    TranscriptEntry pending;  // its bytes are the line that is under way
    std::string command;      // the last one
    bool at_prompt = false;   // what goes to the modem is a PDU or a text
    bool in_ussd = false;     // a text of +CUSD goes on
  };
  std::map<int, Conversation> conversations_;  // by port
  Conversation* now_ = nullptr;                // the one whose bytes are looked at
  std::map<std::string, std::string, std::less<>> numbers_;
};

}  // namespace pigeon::modem
