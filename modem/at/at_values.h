// The values inside AT answers, read as leniently as real modems require: missing quotes, missing fields,
// spaces anywhere (docs of the standards: 3GPP TS 27.005 and 27.007). Pure.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "modem/at/at_dialogue.h"
#include "modem/at/registration.h"
#include "modem/at/slot.h"

namespace pigeon::modem {

// The fields behind "+NAME:", split at commas outside quotes, without quotes and surrounding spaces.
[[nodiscard]] std::vector<std::string> fields_of(std::string_view line);
// A decimal number, with white space around it allowed; nothing when anything else is in `text`.
[[nodiscard]] std::optional<int> to_int(std::string_view text);

// The state behind "+CPIN: ", "READY" or "SIM PIN"; empty when there is none.
[[nodiscard]] std::string parse_cpin(const Answer& answer);

// One of +CREG?, +CGREG?, +CEREG?: lines of the solicited form "<n>,<stat>…" count, unsolicited "<stat>…" as
// a fallback.
[[nodiscard]] Registration parse_registration(const Answer& answer);
// The better of two: one yes is enough.
[[nodiscard]] Registration better(Registration a, Registration b);

// From +CSQ (TS 27.007 §8.5): −113 to −51 dBm; nothing for 99, "not known".
[[nodiscard]] std::optional<int> parse_signal_dbm(const Answer& answer);
// +COPS?, as valid UTF-8 without control characters, at most 64 bytes.
[[nodiscard]] std::string parse_operator(const Answer& answer);

// The access technology in +COPS? (TS 27.007 §7.3), as people call it: "2G", "3G", "LTE", "5G"; empty: not
// told.
[[nodiscard]] std::string parse_technology(const Answer& answer);

// The service centre as "+49…" or digits; empty when none is set. Hex digits of UCS-2 are understood.
[[nodiscard]] std::string parse_csca(const Answer& answer);

// The names that +CPMS=? allows as first, second and third storage; a list may be empty.
using StorageChoices = std::array<std::vector<std::string>, 3>;
// The line of +CPMS=?; names that break is_storage_name() are left out.
[[nodiscard]] StorageChoices parse_storage_choices(std::string_view line);

struct StorageState {
  std::string name;
  int used = 0;
  int total = 0;
};
// +CPMS?: up to three of them.
[[nodiscard]] std::vector<StorageState> parse_storage_states(std::string_view line);

using CnmiSettings = std::array<int, 5>;  // mode, mt, bm, ds, bfr (TS 27.005 §3.4.1)
// What +CNMI=? allows: a list of values a field; fields that cannot be read are empty.
[[nodiscard]] std::array<std::vector<int>, 5> parse_cnmi_choices(std::string_view line);
// The line of +CNMI?; missing fields at the end are 0, nothing with fewer than two or one that is no number.
[[nodiscard]] std::optional<CnmiSettings> parse_cnmi(std::string_view line);

// The slot of +CMTI and +CDSI; nothing when the modem names none.
[[nodiscard]] std::optional<Slot> parse_indicated_slot(std::string_view line);

// The <length> of a +CMGR or +CMGL header (its last field): octets of the TPDU. Some modems lie.
[[nodiscard]] std::optional<int> parse_pdu_length(std::string_view header);

// Whether the octets (SMSC address in front) are as long as the header says.
[[nodiscard]] bool has_announced_length(const AnswerLine& line);

// 14 to 17 digits somewhere in the answer to +CGSN, or empty.
[[nodiscard]] std::string parse_imei(const Answer& answer);
// The text of an identification answer without its own name in front, printable ASCII, at most 64 bytes.
[[nodiscard]] std::string parse_identification(const Answer& answer);

// Names of storages as the standard and vendors write them: "SM", "ME_P". Anything else never reaches an AT
// line.
[[nodiscard]] bool is_storage_name(std::string_view name);

}  // namespace pigeon::modem
