// Unsolicited result codes: what a modem says without being asked. A few are events, the rest is noise that
// must neither be mistaken for an answer nor cost anything. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pigeon::modem {

enum class UrcKind {
  message_stored,        // +CMTI: "SM",3 (3GPP TS 27.005 §3.4.1)
  message_direct,        // +CMT: ,23 and the PDU on the next line
  status_report,         // +CDS: 25 and the PDU on the next line
  status_report_stored,  // +CDSI: "SR",8
  cell_broadcast,        // +CBM: 88 and a page on the next line; nobody here wants it
  storage_full,
  ussd,          // +CUSD: 1,"text",15 (TS 27.007 §7.15); the lines of its text divided by "\n"
  ussd_refused,  // +CME ERROR: 100 behind the OK of AT+CUSD
  restarted,     // boot chatter and power-down lines: the settings of this modem are gone, or will be
  started,       // the SMS service is there: part of a start, and by itself the sign of one that nobody saw
  noise,
};

struct Urc {
  UrcKind kind = UrcKind::noise;
  std::string text;
  std::string pdu;  // hex, of the kinds that have one
};

// A code of a maker's own. Letter case does not matter.
struct VendorUrc {
  std::string_view text;  // what the line begins with
  UrcKind kind = UrcKind::noise;
  bool whole_line = false;  // the line is that and nothing else
};

// Standard codes, those of makers of old, and `own`, the first that fits. Nothing when `line` is not known to
// be unsolicited.
[[nodiscard]] std::optional<UrcKind> classify_urc(std::string_view line, std::span<const VendorUrc> own);

// The code is a header: its PDU is the next line, and part of the event.
[[nodiscard]] constexpr bool carries_pdu(UrcKind kind) {
  return kind == UrcKind::message_direct || kind == UrcKind::status_report || kind == UrcKind::cell_broadcast;
}

}  // namespace pigeon::modem
