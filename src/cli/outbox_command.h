// `pigeon outbox list`: the replies that wait to be sent, and those that could not be. Nothing is changed.
#pragma once

#include <iosfwd>
#include <set>
#include <string>

#include "cli/command.h"
#include "store/store.h"

namespace pigeon::cli {

// The first hundred that wait and the newest hundred that failed, two lines each of at most 80 columns; as a
// JSON array with all there is to say if asked for. `modems`: that are configured; the others are marked.
void list_outbox(store::Store& store, const std::set<std::string>& modems, bool json, std::ostream& out);

int run_outbox_list(const Call& call);

}  // namespace pigeon::cli
