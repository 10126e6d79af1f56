// `pigeon accounts list|show|export` and `pigeon pairings`: who is linked, and who is about to be, read from
// the database, without anything that is a secret. `pigeon accounts unlink` has the daemon end a link.
#pragma once

#include <iosfwd>
#include <string>

#include "base/clock.h"
#include "cli/command.h"
#include "store/store.h"

namespace pigeon::cli {

// A line each of at most 80 columns, in the order of the numbers; as a JSON array with all there is to say if
// asked for.
void list_accounts(store::Store& store, bool json, std::ostream& out);
// One of them, a line for each thing there is to know. Errc::not_found: this number has no account.
[[nodiscard]] Result<void> show_account(store::Store& store, const PhoneNumber& phone, UtcTime now, bool json,
                                        std::ostream& out);
// The newest hundred, a line each; those whose time is over at `now` say so.
void list_pairings(store::Store& store, UtcTime now, bool json, std::ostream& out);

int run_accounts_list(const Call& call);
int run_accounts_show(const Call& call);    // NUMBER
int run_accounts_export(const Call& call);  // [NUMBER]
int run_accounts_unlink(const Call& call);  // NUMBER, --yes
int run_pairings(const Call& call);

}  // namespace pigeon::cli
