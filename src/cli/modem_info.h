// `pigeon modem info`: what a modem is, which SIM and network it has, and how it is. Beside a running daemon
// from what that last wrote down, without one by asking the modem.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/pdu_json.h"
#include "config/config.h"
#include "modem/causes/cause.h"
#include "store/store.h"

namespace pigeon::cli {

struct ModemInfo {
  store::ModemState state;  // `detail` says what is wrong where it is not ready
  bool asked = false;       // now, by this program; else the daemon wrote it
};

// Ends with kWrong where a modem is not ready, or something is wrong with its network.
[[nodiscard]] int run_modem_info(const Call& call);

// What the running daemon has written down of each modem that is configured, and what they say where none
// runs: asked one after the other, which may take as long as they are slow.
[[nodiscard]] std::vector<ModemInfo> written_infos(const Config& config, store::Store& store);
[[nodiscard]] std::vector<ModemInfo> ask_modems(const Call& call, const Config& config);

// What is wrong with it: why it is not ready, as far as the driver's words tell, or else what keeps it from
// receiving and sending.
[[nodiscard]] std::vector<modem::Cause> causes_of(const store::ModemState& state);
// "good" for -77; as people read the bars of a phone.
[[nodiscard]] std::string_view signal_in_words(int dbm);

// At most 80 columns.
[[nodiscard]] std::string to_text(const ModemInfo& info, UtcTime now, bool colour);
[[nodiscard]] Json to_json(const ModemInfo& info);

}  // namespace pigeon::cli
