// Wording a link; see links.h.
#include "relay/links.h"

#include <algorithm>

#include "relay/office.h"
#include "relay/replies.h"

namespace pigeon::relay {
namespace {

long minutes_of(const Office& office) {
  const milliseconds life = office.settings.pairing_expires;
  return std::max(1L, static_cast<long>(std::chrono::ceil<std::chrono::minutes>(life).count()));
}

bool is_lost(const Office& office, const store::Pairing& live) {
  const bool unopened = live.state == store::PairingState::offered || live.by_pin;
  return unopened && office.store.outbox.link_is_unclear(live.phone, live.id);
}

}  // namespace

store::NewReply offer_link(const Office& office, store::Transaction& transaction,
                           const store::Message& message, const PhoneNumber& phone, bool again, UtcTime now) {
  const long minutes = minutes_of(office);
  const store::OfferedLink link = office.store.pairings.offer_link(transaction, phone, message.modem,
                                                                   office.settings.pairing_expires, now);
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
  if (!live || is_lost(office, *live)) {
    if (office.pairing.by_pin)  // X's link would have to be waited for
      return store::NewReply{message.phone, replies::link_by_start(), message.modem, message.id};
    return offer_link(office, transaction, message, phone, again, now);
  }
  if (!pairings.remind(transaction, live->id)) return std::nullopt;
  const bool code_waits = live->state == store::PairingState::authorised;
  return store::NewReply{.phone = message.phone,
                         .text = code_waits ? replies::code_awaited() : replies::link_waits(),
                         .modem = message.modem,
                         .message_id = message.id,
                         .reminds = live->id};
}

bool needs_link(const Office& office, const PhoneNumber& phone, UtcTime now) {
  const auto live = office.store.pairings.live(phone, now);
  return !live || is_lost(office, *live);
}

store::NewReply pin_reply(const Office& office, const store::Message& message, std::int64_t pairing,
                          const std::string& url) {
  const auto phone = PhoneNumber::parse(message.phone);
  const bool again = phone && office.store.accounts.user_exists(*phone);
  return {.phone = message.phone,
          .text = again ? replies::pin_link_again(url, minutes_of(office))
                        : replies::pin_link(url, minutes_of(office)),
          .modem = message.modem,
          .message_id = message.id,
          .kind = store::ReplyKind::link,
          .pairing_id = pairing};
}

}  // namespace pigeon::relay
