// The end of a phone's link by its owner's wish or the operator's, in one transaction.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/phone_number.h"
#include "store/store.h"

namespace pigeon::relay {

struct Unlinked {
  bool had_account = false;
  bool ends_at_x = false;  // a revocation does that, until X has taken it
  int texts = 0;           // that waited and are not posted any more
};

// Ends the account of `phone` and its pairings, also one under way in a browser, gives their grants to the
// revocations, and discards what waits to be posted; `note` says why, for the operator. The caller commits,
// and rings the network lane. Throws StorageError.
[[nodiscard]] Unlinked unlink(store::Store& store, store::Transaction& transaction, const PhoneNumber& phone,
                              std::string_view note, UtcTime now);

}  // namespace pigeon::relay
