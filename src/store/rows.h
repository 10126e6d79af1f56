// How a row of each table is read, beside the tables themselves (migrations.cpp): the columns that a SELECT
// names, in their order, and the function that takes them from a query that stands on a row. Whoever adds a
// column to a table adds it here, to both, and nowhere else. Only the store's own .cpp files include this.
#pragma once

#include "store/accounts.h"
#include "store/inbox.h"
#include "store/jobs.h"
#include "store/modem_states.h"
#include "store/outbox.h"
#include "store/pairings.h"
#include "store/parts.h"
#include "store/posts.h"
#include "store/sqlite.h"

namespace pigeon::store {

#define ACCOUNT_COLUMNS                                                                 \
  "phone, state, x_user_id, username, linked_at, access_expires_at, refresh_in_flight," \
  " refresh_token IS NOT NULL, grant, consumer_key, refused_at"
constexpr int kAccountColumns = 11;
Account account_of(const Query& query);

#define JOB_COLUMNS "id, kind, queue, subject, due_at, attempts, crashes, probes"
Job job_of(const Query& query);

#define MESSAGE_COLUMNS "id, modem, sender, phone, text, ending, received_at, told_saved, note"
Message message_of(const Query& query);

#define MODEM_COLUMNS                                                                        \
  "name, ready, detail, device, model, imei, registration, signal_dbm, network, updated_at," \
  " manufacturer, revision, smsc, technology, storages"
ModemState modem_state_of(const Query& query);

#define PAIRING_COLUMNS "id, phone, state, expires_at, username, failure, modem, pin"
Pairing pairing_of(const Query& query);

#define KEPT_COLUMNS "id, modem, storage, slot, sender, received_at, state, reason, pdu"
KeptPart kept_part_of(const Query& query);

#define LONG_COLUMNS "id, modem, received_at, state, reason, pdu"
LongPart long_part_of(const Query& query);
// Of the columns sender, reference, wide, count.
Family family_of(const Query& query);

#define POST_COLUMNS                                                                             \
  "id, message_id, ordinal, phone, user_id, text, state, network_id, attempts, begun_at, doubt," \
  " doubt_since, looks, doubts"
Post post_of(const Query& query);

#define REPLY_COLUMNS "id, phone, text, state, attempts, refused, unplugged, parts_sent, due_at"
Reply reply_of(const Query& query);

#define UNSENT_COLUMNS "id, modem, phone, text, state, kind, attempts, parts_sent, due_at, created_at, error"
UnsentReply unsent_reply_of(const Query& query);

}  // namespace pigeon::store
