// Committing what a try came to; see settlement.h.
#include "store/settlement.h"

namespace pigeon::store {
namespace {

void change_job(Transaction& transaction, Jobs& jobs, const Job& job, const Settlement& settlement) {
  switch (settlement.job) {
    case Settlement::JobChange::done:
      jobs.done(transaction, job);
      return;
    case Settlement::JobChange::due:
      jobs.postpone(transaction, job, settlement.due_at, settlement.tried);
      return;
    case Settlement::JobChange::parked:
      jobs.park(transaction, job, settlement.gate, settlement.tried);
      return;
  }
}

void change_post(Transaction& transaction, Posts& posts, std::int64_t id, const Settlement& settlement,
                 UtcTime now) {
  switch (settlement.post) {
    case PostChange::none:
      return;
    case PostChange::planned:
      posts.not_out(transaction, id);
      return;
    case PostChange::doubt:
      posts.doubt(transaction, id, settlement.doubt, now);
      return;
    case PostChange::looked:
      posts.looked(transaction, id);
      return;
    case PostChange::ended:
      posts.end(transaction, id, settlement.post_state, settlement.network_id, now);
      return;
  }
}

}  // namespace

bool settle(Transaction& transaction, const SettlementTables& tables, const Job& job, const Message& message,
            const std::optional<Post>& post, const Settlement& settlement, UtcTime now) {
  change_job(transaction, tables.jobs, job, settlement);
  if (post) change_post(transaction, tables.posts, post->id, settlement, now);
  if (settlement.ending) tables.inbox.close(transaction, message.id, *settlement.ending, settlement.note);
  if (settlement.told_saved) tables.inbox.told_saved(transaction, message.id);
  const auto phone = PhoneNumber::parse(message.phone);
  if (settlement.breaks_account && phone)
    tables.accounts.mark_broken(transaction, *phone, settlement.grant, now);
  bool queued = false;
  if (settlement.reply && phone) {
    const bool linked = tables.accounts.user_exists(*phone);
    queued = tables.outbox.answer(transaction, *settlement.reply, message.text, linked, now);
  }
  return queued;
}

void commit_settled(Transaction& transaction, bool queued) {
  if (queued)
    transaction.commit_for_later();
  else
    transaction.commit();
}

}  // namespace pigeon::store
