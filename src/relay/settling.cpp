// Committing outcomes; see settling.h.
#include "relay/settling.h"

#include <algorithm>

#include "base/log.h"
#include "relay/links.h"
#include "relay/replies.h"
#include "x/weight/weighted_length.h"

namespace pigeon::relay {
namespace {

constexpr const char* kTag = "relay";
constexpr seconds kTellAfter{5};    // a shorter delay is not worth an SMS
constexpr seconds kAloneAfter{60};  // a probe in vain that is tried by itself

std::string reply_of(Words words, const std::string& text, const std::string& reason) {
  switch (words) {
    case Words::nothing_to_post:
      return replies::nothing_to_post();
    case Words::duplicate:
      return replies::duplicate();
    case Words::suspended:
      return replies::suspended();
    case Words::too_long:  // X counts more than we do: say "over" even where our own count is not
      return replies::too_long(std::max(x::weighted_length(text), x::kMaxWeightedLength + 1),
                               x::kMaxWeightedLength);
    case Words::unclear:
      return replies::unclear(text);
    case Words::reason:
      return replies::refused(reason);
    case Words::link_again:
    case Words::none:
      break;
  }
  return {};
}

// What becomes of the job: done, due, or parked at a gate that this try has found closed.
void place(const Office& office, store::Transaction& transaction, const store::Job& job,
           const Outcome& outcome, const Told& told, UtcTime now, store::Settlement& settlement) {
  if (outcome.wait == Wait::none) return;
  settlement.job = store::Settlement::JobChange::due;
  settlement.due_at = due_at(outcome.wait, job.attempts + 1, told.retry_at, now);
  if (!outcome.gate) return;
  const bool was_probe = office.gates.is_probe(*outcome.gate, job.id);
  std::optional<SteadyTime> until;
  if (told.retry_at && outcome.wait == Wait::until_told)
    until = office.clock.steady() + (*told.retry_at - now);
  const bool closed = office.gates.failed(*outcome.gate, job, outcome.shut, office.clock.steady(), until);
  if (closed)
    office.store.conditions.begin(transaction, store::condition_of(*outcome.gate), "", told.detail, now);
  if (!closed || !outcome.parks) return;
  const bool alone =
      was_probe && job.probes + 1 >= kMaxProbes && office.store.jobs.count_parked(*outcome.gate) > 0;
  if (alone) {
    settlement.due_at = std::max<UtcTime>(settlement.due_at, now + kAloneAfter);
    return;
  }
  settlement.job = store::Settlement::JobChange::parked;
  settlement.gate = *outcome.gate;
  settlement.tried = was_probe ? store::Jobs::Tried::as_probe : store::Jobs::Tried::yes;
}

std::string saved_words(store::JobKind kind) {
  if (kind == store::JobKind::pin_link) return replies::link_later();
  return kind == store::JobKind::pin ? replies::pin_later() : replies::saved();
}

void owe_saved(const store::Job& job, const store::Message& message, store::Settlement& settlement,
               UtcTime now) {
  const bool later =
      settlement.job == store::Settlement::JobChange::parked ||
      (settlement.job == store::Settlement::JobChange::due && settlement.due_at - now >= kTellAfter);
  if (message.told_saved || !later) return;
  settlement.told_saved = true;
  settlement.reply = store::NewReply{message.phone, saved_words(job.kind), message.modem, message.id,
                                     store::ReplyKind::saved};
}

// What is left to write down about a post whose text was closed while X was asked: what became of it.
store::PostState end_of(const Outcome& outcome, const store::Post& post) {
  if (outcome.post == store::PostChange::ended) return outcome.state;
  const bool not_out = outcome.post == store::PostChange::planned ||
                       (outcome.post == store::PostChange::none && post.state == store::PostState::planned);
  return not_out ? store::PostState::refused : store::PostState::unclear;
}

// Whether the person has stopped while this job was in somebody's hands: it is over then, and is not told.
bool settle_stopped(const Office& office, store::Transaction& transaction, const store::Job& job,
                    const store::Message& message, const std::optional<store::Post>& post,
                    const Outcome& outcome, const Told& told, UtcTime now) {
  const auto current = office.store.inbox.find(message.id);
  if (!current || !current->ending) return false;
  if (post) office.store.posts.end(transaction, post->id, end_of(outcome, *post), told.network_id, now);
  office.store.jobs.done(transaction, job);
  transaction.commit();
  return true;
}

void open_gates(const Office& office, Opens opens, UtcTime now) {
  if (opens != Opens::nothing) came_through(office, Gate::api, now);
  if (opens != Opens::all) return;
  for (const Gate gate : {Gate::credits, Gate::keys, Gate::app_limit}) came_through(office, gate, now);
}

}  // namespace

void settle(const Office& office, const store::Job& job, const store::Message& message,
            const std::optional<store::Post>& post, Happened happened, const Told& told, UtcTime now) {
  const Outcome& outcome = outcome_of(happened);
  const std::string id = "message " + std::to_string(message.id);
  if (!outcome.logged.empty())
    log::write(outcome.level, kTag, std::string(outcome.logged) + "; " + id + ": " + told.detail);
  store::Settlement settlement;
  settlement.post = outcome.post;
  settlement.post_state = outcome.state;
  settlement.doubt = outcome.doubt;
  settlement.network_id = told.network_id;
  settlement.ending = outcome.ending;
  settlement.note = outcome.note.empty() ? told.detail : std::string(outcome.note);
  settlement.breaks_account = outcome.breaks_account;
  settlement.grant = told.grant;
  const std::string text = post ? post->text : message.text;
  auto transaction = office.store.begin();
  if (settle_stopped(office, transaction, job, message, post, outcome, told, now)) {
    open_gates(office, outcome.opens, now);
    return;
  }
  place(office, transaction, job, outcome, told, now, settlement);
  const auto phone = PhoneNumber::parse(message.phone);
  std::string reply = reply_of(outcome.words, text, told.detail);
  if (outcome.ending == store::Ending::posted) reply = replies::posted(text);
  if (!reply.empty())
    settlement.reply =
        store::NewReply{message.phone, reply, message.modem, message.id, store::ReplyKind::outcome};
  if (outcome.words == Words::link_again && phone)
    settlement.reply = ask_for_link(office, transaction, message, *phone, true, now);
  if (outcome.says_saved) owe_saved(job, message, settlement, now);
  const bool queued = office.store.settle(transaction, job, message, post, settlement, now);
  store::commit_settled(transaction, queued);
  if (queued) office.wakeups.notify_modem(message.modem);
  open_gates(office, outcome.opens, now);
  if (!settlement.ending) {
    log::warning(kTag, id + " is kept for later: " + settlement.note);
  } else if (*settlement.ending == store::Ending::posted) {
    log::info(kTag, id + " is posted" + (told.network_id.empty() ? "" : " as " + told.network_id));
  }
}

void settle_quietly(const Office& office, store::Transaction& transaction, const store::Job& job,
                    const store::Message& message, store::Ending ending, std::string_view note, UtcTime now) {
  store::Settlement settlement;
  settlement.ending = ending;
  settlement.note = note;
  static_cast<void>(office.store.settle(transaction, job, message, std::nullopt, settlement, now));
}

void wait_at(const Office& office, Gate gate, const store::Job& job, const store::Message& message,
             const std::optional<store::Post>& post, UtcTime now) {
  store::Settlement settlement;
  settlement.tried = store::Jobs::Tried::no;
  if (post && post->state == store::PostState::sending) {
    settlement.job = store::Settlement::JobChange::due;
    settlement.due_at = due_at(Wait::look_again, job.attempts, std::nullopt, now);
  } else {
    settlement.job = store::Settlement::JobChange::parked;
    settlement.gate = gate;
    owe_saved(job, message, settlement, now);
  }
  auto transaction = office.store.begin();
  store::commit_settled(transaction, office.store.settle(transaction, job, message, post, settlement, now));
  if (settlement.reply) office.wakeups.notify_modem(message.modem);
}

void tell_set_aside(const Office& office, store::Transaction& transaction, const store::Job& job,
                    UtcTime now) {
  store::Store& store = office.store;
  if (job.kind == store::JobKind::revocation || job.kind == store::JobKind::expiry ||
      job.kind == store::JobKind::announcement || job.kind == store::JobKind::pruning ||
      job.kind == store::JobKind::erasure)
    return;
  const auto post = job.kind == store::JobKind::post ? store.posts.find(job.subject) : std::nullopt;
  const auto message = store.inbox.find(post ? post->message_id : job.subject);
  if (!message || message->ending) return;
  const bool may_be_out = post && post->state == store::PostState::sending;
  if (post) {
    store.posts.end(transaction, post->id, may_be_out ? store::PostState::unclear : store::PostState::refused,
                    "", now);
  }
  store.inbox.close(transaction, message->id, may_be_out ? store::Ending::unclear : store::Ending::refused,
                    "set aside");
  const auto phone = PhoneNumber::parse(message->phone);
  if (!phone || store.opt_outs.contains(*phone)) return;
  const bool pairs = job.kind == store::JobKind::pin_link || job.kind == store::JobKind::pin;
  const std::string reply = pairs        ? replies::pairing_failed(store::PairingFailure::error)
                            : may_be_out ? replies::unclear(post->text)
                                         : replies::set_aside(message->text);
  static_cast<void>(store.outbox.add(
      transaction, {message->phone, reply, message->modem, message->id, store::ReplyKind::outcome}, now));
  office.wakeups.notify_modem(message->modem);
}

namespace {

std::optional<store::Jobs::Probe> take_probe(const Office& office, Gate gate) {
  const UtcTime now = office.store.time.now();
  auto transaction = office.store.begin();
  auto probe = office.store.jobs.take_probe(transaction, gate, office.gates.last_probe(gate), now);
  if (probe) transaction.commit();
  return probe;
}

}  // namespace

void offer_probes(const Office& office) {
  for (const Gate gate : office.gates.wanting_probe(office.clock.steady())) {
    if (const auto probe = take_probe(office, gate))
      office.gates.probing(gate, *probe);
    else
      came_through(office, gate, office.store.time.now());
  }
}

void came_through(const Office& office, Gate gate, UtcTime now) {
  if (!office.gates.passed(gate)) return;
  try {
    auto transaction = office.store.begin();
    office.store.conditions.end(transaction, store::condition_of(gate), "");
    office.store.jobs.unpark(transaction, gate, now);
    transaction.commit();
  } catch (const store::StorageError&) {
    office.gates.closed_still(gate, office.clock.steady());  // what is parked there waits for the next probe
    throw;
  }
  office.wakeups.network.ring();
}

}  // namespace pigeon::relay
