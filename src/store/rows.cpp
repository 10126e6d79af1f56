// What the columns of a row become; see rows.h.
#include "store/rows.h"

#include "store/states.h"

namespace pigeon::store {

Account account_of(const Query& query) {
  Account account;
  account.phone = query.text(0);
  account.state = state_of(query.text(1), AccountState::broken);
  account.x_user_id = query.text(2);
  account.username = query.text(3);
  account.linked_at = query.time(4);
  account.access_expires_at = query.time(5);
  account.refresh_in_flight = query.integer(6) != 0;
  account.has_refresh_token = query.integer(7) != 0;
  account.grant = query.integer(8);
  account.consumer_key = query.text(9);
  account.refused_at = query.maybe_time(10);
  return account;
}

Job job_of(const Query& query) {
  Job job;
  job.id = query.integer(0);
  job.kind = state_of(query.text(1), JobKind::text);
  job.queue = query.text(2);
  job.subject = query.integer(3);
  job.due_at = query.time(4);
  job.attempts = static_cast<int>(query.integer(5));
  job.crashes = static_cast<int>(query.integer(6));
  job.probes = static_cast<int>(query.integer(7));
  return job;
}

Message message_of(const Query& query) {
  Message message;
  message.id = query.integer(0);
  message.modem = query.text(1);
  message.sender = query.text(2);
  message.phone = query.text(3);
  message.text = query.text(4);
  if (const std::string word = query.text(5); !word.empty()) message.ending = state_of(word, Ending::ignored);
  message.received_at = query.time(6);
  message.told_saved = query.integer(7) != 0;
  message.note = query.text(8);
  return message;
}

ModemState modem_state_of(const Query& query) {
  ModemState state;
  state.name = query.text(0);
  state.ready = query.integer(1) != 0;
  state.detail = query.text(2);
  state.device = query.text(3);
  state.model = query.text(4);
  state.imei = query.text(5);
  if (const std::string word = query.text(6); !word.empty())
    state.registration = state_of(word, NetworkRegistration::unknown);
  if (const auto dbm = query.maybe_integer(7)) state.signal_dbm = static_cast<int>(*dbm);
  state.network = query.text(8);
  state.updated_at = query.time(9);
  state.manufacturer = query.text(10);
  state.revision = query.text(11);
  state.smsc = query.text(12);
  state.technology = query.text(13);
  state.storages = query.text(14);
  return state;
}

Pairing pairing_of(const Query& query) {
  Pairing pairing;
  pairing.id = query.integer(0);
  pairing.phone = query.text(1);
  pairing.state = state_of(query.text(2), PairingState::failed);
  pairing.expires_at = query.time(3);
  pairing.username = query.text(4);
  if (const std::string word = query.text(5); !word.empty())
    pairing.failure = state_of(word, PairingFailure::error);
  pairing.modem = query.text(6);
  pairing.by_pin = query.integer(7) != 0;
  return pairing;
}

KeptPart kept_part_of(const Query& query) {
  KeptPart part;
  part.id = query.integer(0);
  part.slot = {query.text(1), query.text(2), static_cast<int>(query.integer(3))};
  part.sender = query.text(4);
  part.received_at = query.time(5);
  part.state = state_of(query.text(6), PartState::quarantined);
  part.reason = query.text(7);
  part.was_decoded = !part.reason.starts_with(state_word(PartReason::undecodable));
  part.pdu = query.blob(8);
  return part;
}

LongPart long_part_of(const Query& query) {
  LongPart part;
  part.id = query.integer(0);
  part.modem = query.text(1);
  part.received_at = query.time(2);
  part.state = state_of(query.text(3), PartState::quarantined);
  const std::string reason = query.text(4);
  part.quiet = reason == state_word(PartReason::quiet);
  part.incomplete = reason == state_word(PartReason::incomplete);
  part.pdu = query.blob(5);
  return part;
}

Family family_of(const Query& query) {
  return {query.text(0), static_cast<int>(query.integer(1)), query.integer(2) != 0,
          static_cast<int>(query.integer(3))};
}

Post post_of(const Query& query) {
  Post post;
  post.id = query.integer(0);
  post.message_id = query.integer(1);
  post.ordinal = static_cast<int>(query.integer(2));
  post.phone = query.text(3);
  post.user_id = query.text(4);
  post.text = query.text(5);
  post.state = state_of(query.text(6), PostState::planned);
  post.network_id = query.text(7);
  post.attempts = static_cast<int>(query.integer(8));
  post.begun_at = query.time(9);
  post.doubt = state_of(query.text(10), Doubt::none);
  post.doubt_since = query.time(11);
  post.looks = static_cast<int>(query.integer(12));
  post.doubts = static_cast<int>(query.integer(13));
  return post;
}

Reply reply_of(const Query& query) {
  Reply reply;
  reply.id = query.integer(0);
  reply.phone = query.text(1);
  reply.text = query.text(2);
  reply.state = state_of(query.text(3), ReplyState::queued);
  reply.attempts = static_cast<int>(query.integer(4));
  reply.refused = static_cast<int>(query.integer(5));
  reply.unplugged = static_cast<int>(query.integer(6));
  reply.parts_sent = static_cast<int>(query.integer(7));
  reply.due_at = query.time(8);
  return reply;
}

UnsentReply unsent_reply_of(const Query& query) {
  UnsentReply reply;
  reply.id = query.integer(0);
  reply.modem = query.text(1);
  reply.phone = query.text(2);
  reply.text = query.text(3);
  reply.state = state_of(query.text(4), ReplyState::failed);
  reply.kind = state_of(query.text(5), ReplyKind::answer);
  reply.attempts = static_cast<int>(query.integer(6));
  reply.parts_sent = static_cast<int>(query.integer(7));
  reply.due_at = query.time(8);
  reply.created_at = query.time(9);
  reply.error = query.text(10);
  return reply;
}

}  // namespace pigeon::store
