// What belongs to a link, ended; see unlinking.h.
#include "relay/unlinking.h"

namespace pigeon::relay {
namespace {

// How many those were.
int discard_posts(store::Store& store, store::Transaction& transaction, const PhoneNumber& phone,
                  std::string_view note, UtcTime now) {
  int texts = 0;
  for (const std::int64_t id : store.jobs.drop(transaction, store::JobKind::post, phone.e164())) {
    const auto post = store.posts.find(id);
    if (!post) continue;
    const bool may_be_out = post->state == store::PostState::sending;
    store.posts.end(transaction, id, may_be_out ? store::PostState::unclear : store::PostState::refused, "",
                    now);
    store.inbox.close(transaction, post->message_id, store::Ending::ignored, note);
    ++texts;
  }
  // What X is just being asked may be out; it is not asked again, whoever links this phone next.
  for (const std::int64_t id : store.jobs.in_hand(store::JobKind::post, phone.e164())) {
    if (const auto post = store.posts.find(id))
      store.inbox.close(transaction, post->message_id, store::Ending::ignored, note);
  }
  return texts;
}

}  // namespace

Unlinked unlink(store::Store& store, store::Transaction& transaction, const PhoneNumber& phone,
                std::string_view note, UtcTime now) {
  Unlinked unlinked;
  unlinked.had_account = store.accounts.user_exists(phone);
  const auto credentials = store.accounts.credentials(phone);
  unlinked.ends_at_x = credentials && *credentials;
  if (unlinked.ends_at_x)
    store.revocations.add(transaction, (*credentials)->access_token, (*credentials)->refresh_token, now,
                          (*credentials)->consumer_key);
  store.accounts.remove(transaction, phone);
  store.pairings.forget(transaction, phone, now);
  unlinked.texts = discard_posts(store, transaction, phone, note, now);
  return unlinked;
}

}  // namespace pigeon::relay
