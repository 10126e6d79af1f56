// Wording a link; see links.h.
#include "relay/links.h"

#include <algorithm>

#include "relay/office.h"
#include "relay/replies.h"

namespace pigeon::relay {

store::NewReply offer_link(const Office& office, store::Transaction& transaction,
                           const store::Message& message, const PhoneNumber& phone, bool again, UtcTime now) {
  const milliseconds life = office.settings.pairing_expires;
  const long minutes = std::max(1L, static_cast<long>(std::chrono::ceil<std::chrono::minutes>(life).count()));
  const store::OfferedLink link =
      office.store.pairings.offer_link(transaction, phone, message.modem, life, now);
  const std::string url = office.settings.public_url + "/auth/" + link.code;
  return {.phone = message.phone,
          .text = again ? replies::link_again(url, minutes) : replies::link(url, minutes),
          .modem = message.modem,
          .message_id = message.id,
          .kind = store::ReplyKind::link,
          .pairing_id = link.id};
}

std::optional<store::NewReply> ask_for_link(const Office& office, store::Transaction& transaction,
                                            const store::Message& message, const PhoneNumber& phone,
                                            bool again, UtcTime now) {
  store::Pairings& pairings = office.store.pairings;
  const auto live = pairings.live(phone, now);
  const bool may_be_lost = live && live->state == store::PairingState::offered &&
                           office.store.outbox.link_is_unclear(phone.e164(), live->id);
  if (!live || may_be_lost) return offer_link(office, transaction, message, phone, again, now);
  if (!pairings.remind(transaction, live->id)) return std::nullopt;
  const bool code_waits = live->state == store::PairingState::authorised;
  return store::NewReply{.phone = message.phone,
                         .text = code_waits ? replies::code_awaited() : replies::link_waits(),
                         .modem = message.modem,
                         .message_id = message.id,
                         .reminds = live->id};
}

}  // namespace pigeon::relay
