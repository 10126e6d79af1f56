// Offering a person a link to pair with.
#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "store/inbox.h"
#include "store/outbox.h"

namespace pigeon::relay {

struct Office;

// A new pairing for who texted `message`, and the reply with its link. `again`:
// X has ended the link that there was.
[[nodiscard]] store::NewReply offer_link(const Office& office, store::Transaction& transaction,
                                         const store::Message& message, const PhoneNumber& phone, bool again,
                                         UtcTime now);

}  // namespace pigeon::relay
