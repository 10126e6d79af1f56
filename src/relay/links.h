// Offering a person a link to pair with.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/phone_number.h"

namespace pigeon::relay {

struct Office;

// A new pairing of `phone`, in the caller's transaction, and the sentence with its link. `again`: X has ended
// the link that there was.
[[nodiscard]] std::string offer_link(const Office& office, const PhoneNumber& phone, std::string_view modem,
                                     bool again, UtcTime now);

}  // namespace pigeon::relay
