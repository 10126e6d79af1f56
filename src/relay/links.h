// Offering a person a link to pair with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/phone_number.h"
#include "store/inbox.h"
#include "store/outbox.h"

namespace pigeon::relay {

struct Office;

// A new pairing for who texted `message`, in the place of the one that is live, and the reply with its link.
// `again`: X has ended the link that there was.
[[nodiscard]] store::NewReply offer_link(const Office& office, store::Transaction& transaction,
                                         const store::Message& message, const PhoneNumber& phone, bool again,
                                         UtcTime now);

// What somebody is answered whose text cannot be posted without a link: that it waits, once, while one is
// live (nothing: it was said), else a new one; also in the place of one that nobody has opened and of which
// nobody knows whether its SMS went out.
[[nodiscard]] std::optional<store::NewReply> ask_for_link(const Office& office,
                                                          store::Transaction& transaction,
                                                          const store::Message& message,
                                                          const PhoneNumber& phone, bool again, UtcTime now);

// Where people link by PIN the link is X's, and has to be asked for (pin_desk.h). Whether this phone needs
// one: none is live, or nobody knows whether its SMS went out.
[[nodiscard]] bool needs_link(const Office& office, const PhoneNumber& phone, UtcTime now);
// The reply with X's link `url` of a pairing.
[[nodiscard]] store::NewReply pin_reply(const Office& office, const store::Message& message,
                                        std::int64_t pairing, const std::string& url);

}  // namespace pigeon::relay
