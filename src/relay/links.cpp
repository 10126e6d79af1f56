// Wording a link; see links.h.
#include "relay/links.h"

#include <algorithm>

#include "relay/office.h"
#include "relay/replies.h"

namespace pigeon::relay {

std::string offer_link(const Office& office, const PhoneNumber& phone, std::string_view modem, bool again,
                       UtcTime now) {
  const milliseconds life = office.settings.pairing_expires;
  const long minutes = std::max(1L, static_cast<long>(std::chrono::ceil<std::chrono::minutes>(life).count()));
  const std::string code = office.store.pairings.offer(phone, modem, now + life);
  const std::string url = office.settings.public_url + "/auth/" + code;
  return again ? replies::link_again(url, minutes) : replies::link(url, minutes);
}

}  // namespace pigeon::relay
