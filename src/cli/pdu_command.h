// `pigeon pdu decode` and `pigeon pdu encode`: short messages between the octets a modem speaks and JSON, a
// line each. For looking at what a modem gave, and for making messages to feed to one.
//
//   {"type":"deliver","smsc":"+79037011111","from":"+79642161111","text":"Hello,",
//    "timestamp":"2018-11-07T20:21:22+08:00","concat":{"ref":4660,"count":2,"number":1}}
//
// type       "deliver" (from), "submit" (to) or "status-report" (to)
// smsc       "+…", "" for the SIM's own
// text       absent from a status report without one
// timestamp  RFC 3339; TP-SCTS, absent from a submit
// concat, class (0–3), ports {"destination","source"}   where the message has them
// reference, status, discharge                          of a status report: TP-MR, TP-ST, TP-DT
#pragma once

#include <iosfwd>

namespace pigeon::cli {

// Hex in, an SMSC address in front or (where that does not decode) a bare TPDU; JSON out. A line that does
// not decode gives {"error":"…"}, one whose text alone does not gives the object with "error" instead of
// "text"; the lines behind it go on. Empty lines are skipped. Returns the exit status: 1 when a line had an
// error, else 0.
int run_pdu_decode(std::istream& in, std::ostream& out);

// The same objects in (unknown keys are errors), hex with the SMSC address in front out. The smallest
// alphabet that holds the text is taken; a text too long for one message and without "concat" gives a line
// for each part, their reference counting up from 0. Errors as in run_pdu_decode.
int run_pdu_encode(std::istream& in, std::ostream& out);

}  // namespace pigeon::cli
