// Committing what a try came to; see settlement.h.
#include "store/settlement.h"

namespace pigeon::store {
namespace {

void change_job(Jobs& jobs, const Job& job, const Settlement& settlement) {
  switch (settlement.job) {
    case Settlement::JobChange::done:
      jobs.done(job);
      return;
    case Settlement::JobChange::due:
      jobs.postpone(job, settlement.due_at, settlement.tried);
      return;
    case Settlement::JobChange::parked:
      jobs.park(job, settlement.gate, settlement.tried);
      return;
  }
}

void change_post(Posts& posts, std::int64_t id, const Settlement& settlement, UtcTime now) {
  switch (settlement.post) {
    case PostChange::none:
      return;
    case PostChange::planned:
      posts.not_out(id);
      return;
    case PostChange::doubt:
      posts.doubt(id, settlement.doubt, now);
      return;
    case PostChange::looked:
      posts.looked(id);
      return;
    case PostChange::ended:
      posts.end(id, settlement.post_state, settlement.network_id, now);
      return;
  }
}

}  // namespace

bool settle(const SettlementTables& tables, const Job& job, const Message& message,
            const std::optional<Post>& post, const Settlement& settlement, UtcTime now) {
  Transaction transaction(tables.db);
  change_job(tables.jobs, job, settlement);
  if (post) change_post(tables.posts, post->id, settlement, now);
  if (settlement.ending) tables.inbox.close(message.id, *settlement.ending, settlement.note);
  if (settlement.told_saved) tables.inbox.told_saved(message.id);
  const auto phone = PhoneNumber::parse(message.phone);
  if (settlement.breaks_account && phone) tables.accounts.mark_broken(*phone, settlement.grant, now);
  bool queued = false;
  if (settlement.reply && phone) {
    const bool linked = tables.accounts.user_exists(*phone);
    queued = tables.outbox.answer(*settlement.reply, message.text, linked, now);
  }
  if (queued)
    transaction.commit_for_later();
  else
    transaction.commit();
  return queued;
}

}  // namespace pigeon::store
