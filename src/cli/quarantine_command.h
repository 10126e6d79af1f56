// `pigeon quarantine list` and `pigeon quarantine show ID`: the messages that could not be read, as the modem
// gave them. Nothing is changed: retrying and dropping are for who runs the box.
#pragma once

#include <cstdint>
#include <iosfwd>

#include "base/result.h"
#include "cli/command.h"
#include "store/store.h"

namespace pigeon::cli {

// What each command says about a quarantine in which nothing is.
inline constexpr const char* kEmptyQuarantine = "The quarantine is empty.\n";

[[nodiscard]] int run_quarantine_list(const Call& call);
[[nodiscard]] int run_quarantine_show(const Call& call);

// The newest hundred, a line each of at most 80 columns; as a JSON array with all there is to say if asked
// for.
void list_quarantine(store::Store& store, bool json, std::ostream& out);

// One part with everything: where it lay, why it is kept, what of it can be read, its octets. Also one that
// was left alone for another reason (too old, for a program). Errc::not_found for the id of none.
[[nodiscard]] Result<void> show_quarantined(store::Store& store, std::int64_t id, bool json,
                                            std::ostream& out);

}  // namespace pigeon::cli
