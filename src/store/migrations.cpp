// Every step that the schema has ever taken, oldest first. A step that was released is never edited.
// Times are milliseconds since 1970 (UTC); phones are E.164; sealed columns hold SecretBox output.
#include "store/migrations.h"

#include <unistd.h>

#include <array>
#include <string>

#include "base/file.h"

namespace pigeon::store {
namespace {

constexpr const char* kFirst = R"sql(
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  modem TEXT NOT NULL,
  sender TEXT NOT NULL,
  phone TEXT NOT NULL,
  text TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  ending TEXT,
  told_saved INTEGER NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE parts (
  id INTEGER PRIMARY KEY,
  modem TEXT NOT NULL,
  storage TEXT NOT NULL,
  slot INTEGER NOT NULL,
  pdu BLOB NOT NULL,
  sender TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  reference INTEGER,
  wide INTEGER,
  count INTEGER,
  number INTEGER,
  state TEXT NOT NULL,
  message_id INTEGER,
  reason TEXT NOT NULL DEFAULT ''
) STRICT;
-- A text of one part waits for nobody, so it never stands here, not even for the length of its transaction.
CREATE INDEX parts_waiting ON parts (sender) WHERE state = 'waiting' AND count IS NOT NULL;
CREATE INDEX parts_held ON parts (modem) WHERE state = 'held';
CREATE INDEX parts_kept ON parts (state, reason) WHERE state IN ('ignored','quarantined');
CREATE INDEX parts_quarantined ON parts (id) WHERE state = 'quarantined';

-- id is message_id * 1000 + ordinal: one post of each ordinal, found by its text, without an index for either.
CREATE TABLE posts (
  id INTEGER PRIMARY KEY,
  message_id INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  phone TEXT NOT NULL,
  user_id TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL,
  state TEXT NOT NULL,
  network_id TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  begun_at INTEGER NOT NULL DEFAULT 0,
  doubt TEXT NOT NULL DEFAULT '',
  doubt_since INTEGER NOT NULL DEFAULT 0,
  looks INTEGER NOT NULL DEFAULT 0,
  doubts INTEGER NOT NULL DEFAULT 0,
  ended_at INTEGER
) STRICT;
CREATE INDEX posts_network_id ON posts (network_id) WHERE network_id <> '';
CREATE INDEX posts_phone ON posts (phone);

CREATE TABLE jobs (
  id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  lane TEXT NOT NULL,
  queue TEXT NOT NULL,
  subject INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  probes INTEGER NOT NULL DEFAULT 0,
  gate TEXT NOT NULL DEFAULT '',
  ready INTEGER NOT NULL,
  set_aside INTEGER NOT NULL DEFAULT 0,
  turn INTEGER NOT NULL,
  PRIMARY KEY (lane, queue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_turn ON jobs (lane, turn) WHERE ready = 1 AND gate = '';
CREATE INDEX jobs_due ON jobs (lane, due_at) WHERE ready = 2 AND gate = '';
CREATE INDEX jobs_gate ON jobs (gate, id) WHERE gate <> '';
CREATE INDEX jobs_aside ON jobs (id) WHERE set_aside = 1;

CREATE TABLE clock (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  utc INTEGER NOT NULL,
  since_boot INTEGER NOT NULL,
  boot_id TEXT NOT NULL
) STRICT;

CREATE TABLE revocations (
  id INTEGER PRIMARY KEY,
  access_token BLOB,
  refresh_token BLOB,
  since INTEGER NOT NULL
) STRICT;

-- open: 1 while queued or sending; a column of its own, because what a partial index asks for is written anew
-- whenever it is set.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  open INTEGER NOT NULL DEFAULT 1,
  modem TEXT NOT NULL,
  phone TEXT NOT NULL,
  text TEXT NOT NULL,
  message_id INTEGER,
  kind TEXT NOT NULL,
  pairing_id INTEGER REFERENCES pairings (id) ON DELETE SET NULL,
  state TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  expires_at INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  interrupted INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0,
  unplugged INTEGER NOT NULL DEFAULT 0,
  parts_sent INTEGER NOT NULL DEFAULT 0,
  parts_delivered INTEGER NOT NULL DEFAULT 0,
  parts_undelivered INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  sent_at INTEGER,
  error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_open ON outbox (modem, due_at) WHERE open = 1;
CREATE INDEX outbox_person ON outbox (modem, phone, id) WHERE open = 1;
CREATE INDEX outbox_links ON outbox (modem, expires_at) WHERE state = 'queued' AND kind = 'link';
CREATE INDEX outbox_pairing ON outbox (pairing_id) WHERE pairing_id IS NOT NULL;

-- Parts that were sent and not yet reported about.
CREATE TABLE outbox_parts (
  phone TEXT NOT NULL,
  outbox_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  reference INTEGER NOT NULL,
  PRIMARY KEY (phone, outbox_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  phone TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  x_user_id TEXT NOT NULL,
  username TEXT NOT NULL,
  access_token BLOB NOT NULL,
  refresh_token BLOB,
  access_expires_at INTEGER NOT NULL,
  scope TEXT NOT NULL,
  refresh_in_flight INTEGER NOT NULL DEFAULT 0,
  grant INTEGER NOT NULL,
  linked_at INTEGER NOT NULL,
  broken_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX accounts_broken ON accounts (broken_at) WHERE state = 'broken';

CREATE TABLE pairings (
  id INTEGER PRIMARY KEY,
  phone TEXT NOT NULL,
  modem TEXT NOT NULL,
  code_hash BLOB NOT NULL UNIQUE,
  state TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  life INTEGER NOT NULL,
  oauth_state_hash BLOB,
  cookie_hash BLOB,
  verifier BLOB,
  access_token BLOB,
  refresh_token BLOB,
  access_expires_at INTEGER,
  scope TEXT NOT NULL DEFAULT '',
  x_user_id TEXT NOT NULL DEFAULT '',
  username TEXT NOT NULL DEFAULT '',
  text_back_hash BLOB,
  wrong_codes INTEGER NOT NULL DEFAULT 0,
  failure TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX pairings_open ON pairings (phone) WHERE state IN ('offered','started','authorised');
CREATE UNIQUE INDEX pairings_oauth_state ON pairings (oauth_state_hash) WHERE oauth_state_hash IS NOT NULL;
CREATE INDEX pairings_expiry ON pairings (expires_at);

CREATE TABLE modems (
  name TEXT PRIMARY KEY,
  ready INTEGER NOT NULL,
  detail TEXT NOT NULL,
  device TEXT NOT NULL,
  model TEXT NOT NULL,
  imei TEXT NOT NULL,
  registration TEXT NOT NULL,
  signal_dbm INTEGER,
  network TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE conditions (
  code TEXT NOT NULL,
  subject TEXT NOT NULL,
  since INTEGER NOT NULL,
  count INTEGER NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (code, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE key_check (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  sealed BLOB NOT NULL
) STRICT;

-- Oldest first by id, and so without an index by time.
CREATE TABLE seen (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE slots (
  modem TEXT NOT NULL,
  storage TEXT NOT NULL,
  slot INTEGER NOT NULL,
  digest BLOB NOT NULL,
  PRIMARY KEY (modem, storage, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE answers (
  reply_id INTEGER PRIMARY KEY,
  phone TEXT NOT NULL,
  words BLOB NOT NULL,
  message_id INTEGER,
  expires_at INTEGER NOT NULL,
  linked INTEGER NOT NULL
) STRICT;
CREATE INDEX answers_phone ON answers (phone, expires_at);

-- What has ended since ever by its last state, and accounts by theirs: counted as it happens, because rows are
-- many and `pigeon` is asked often. What is open or sent is what is left of all ids that were ever given: the
-- row of the highest id stays (retention.cpp), and so no id comes twice.
CREATE TABLE totals (
  name TEXT PRIMARY KEY,
  count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER inbox_ended AFTER UPDATE OF ending ON inbox WHEN new.ending IS NOT old.ending BEGIN
  UPDATE totals SET count = count - 1 WHERE name = 'inbox/' || old.ending;
  INSERT INTO totals (name, count) VALUES ('inbox/' || new.ending, 1)
    ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER accounts_new AFTER INSERT ON accounts BEGIN
  INSERT INTO totals (name, count) VALUES ('accounts/' || new.state, 1)
    ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER accounts_changed AFTER UPDATE OF state ON accounts WHEN new.state <> old.state BEGIN
  UPDATE totals SET count = count - 1 WHERE name = 'accounts/' || old.state;
  INSERT INTO totals (name, count) VALUES ('accounts/' || new.state, 1)
    ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER accounts_gone AFTER DELETE ON accounts BEGIN
  UPDATE totals SET count = count - 1 WHERE name = 'accounts/' || old.state;
END;
CREATE TRIGGER outbox_ended AFTER UPDATE OF state ON outbox
  WHEN new.state NOT IN ('queued','sending','sent') AND new.state <> old.state BEGIN
  UPDATE totals SET count = count - 1 WHERE name = 'outbox/' || old.state;
  INSERT INTO totals (name, count) VALUES ('outbox/' || new.state, 1)
    ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;

CREATE TABLE unanswered (
  budget TEXT PRIMARY KEY,
  count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// Text-back codes are known by a keyed digest, whatever pairing they belong to, and no two live ones are the
// same. Those of before were bound to their row: their pages ask for a code that nobody knows any more.
constexpr const char* kCodes = R"sql(
UPDATE pairings SET text_back_hash = NULL;
ALTER TABLE pairings RENAME COLUMN text_back_hash TO text_back_digest;
CREATE UNIQUE INDEX pairings_text_back ON pairings (text_back_digest) WHERE text_back_digest IS NOT NULL;
)sql";

// PINs that were entered into cards. `pin` is an HMAC of card and PIN.
constexpr const char* kPinTries = R"sql(
CREATE TABLE pin_tries (
  card TEXT NOT NULL,
  pin BLOB NOT NULL,
  device TEXT NOT NULL,
  modem TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (card, pin)
) STRICT, WITHOUT ROWID;
CREATE INDEX pin_tries_device ON pin_tries (device);
CREATE INDEX pin_tries_modem ON pin_tries (modem);
)sql";

// Who has said STOP; and all pairings of a phone are found, ended ones too.
constexpr const char* kOptOuts = R"sql(
CREATE TABLE opt_outs (
  digest BLOB PRIMARY KEY,
  since INTEGER NOT NULL,
  helped_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
DROP INDEX pairings_open;
CREATE INDEX pairings_phone ON pairings (phone);
)sql";

// A phone has one pairing that has not ended: the one whose code is waited for, else the newest. Whether it
// was said that its link waits.
constexpr const char* kOnePairing = R"sql(
UPDATE pairings SET state = 'dropped', oauth_state_hash = NULL, cookie_hash = NULL, verifier = NULL,
  access_token = NULL, refresh_token = NULL, text_back_digest = NULL
  WHERE state IN ('offered','started','authorised') AND id <> (
    SELECT kept.id FROM pairings AS kept
    WHERE kept.phone = pairings.phone AND kept.state IN ('offered','started','authorised')
    ORDER BY kept.state = 'authorised' DESC, kept.id DESC LIMIT 1);
ALTER TABLE pairings ADD COLUMN reminded INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX pairings_open ON pairings (phone) WHERE state IN ('offered','started','authorised');
)sql";

// What `pigeon modem info` shows beside a running daemon.
constexpr const char* kModemFigures = R"sql(
ALTER TABLE modems ADD COLUMN manufacturer TEXT NOT NULL DEFAULT '';
ALTER TABLE modems ADD COLUMN revision TEXT NOT NULL DEFAULT '';
ALTER TABLE modems ADD COLUMN smsc TEXT NOT NULL DEFAULT '';
ALTER TABLE modems ADD COLUMN technology TEXT NOT NULL DEFAULT '';
ALTER TABLE modems ADD COLUMN storages TEXT NOT NULL DEFAULT '';
)sql";

// Whether somebody texts the same words again is asked at every text.
constexpr const char* kSameWords = R"sql(
DROP INDEX answers_phone;
CREATE INDEX answers_words ON answers (phone, words, expires_at);
)sql";

// The page with the code can be opened again by the browser that was shown it. Who had a code before this
// step has no such page.
constexpr const char* kCodePlace = R"sql(
ALTER TABLE pairings ADD COLUMN text_back_code BLOB;
CREATE INDEX pairings_cookie ON pairings (cookie_hash) WHERE cookie_hash IS NOT NULL;
)sql";

// What became of parts like the one that has just come.
constexpr const char* kSettledParts = R"sql(
CREATE INDEX parts_settled ON parts (sender, reference)
  WHERE state IN ('joined','quarantined') AND count IS NOT NULL;
)sql";

// Parts of which nobody knows whether they went out; what was unclear before is sent once more, as it was
// promised. A part keeps its reference when it was reported: reports come twice.
constexpr const char* kUnclear = R"sql(
ALTER TABLE outbox RENAME COLUMN interrupted TO parts_unclear;
UPDATE outbox SET parts_unclear = 0 WHERE parts_unclear > 0;
ALTER TABLE outbox_parts ADD COLUMN reported INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_unclear ON outbox (phone) WHERE parts_unclear > 0;
)sql";

// Of replies, only what ends one is counted: a trigger makes SQLite keep a table of the changed rows for each
// statement that may fire it, and most of them only begin or continue one.
constexpr const char* kEndedReplies = R"sql(
DROP TRIGGER outbox_ended;
CREATE TRIGGER outbox_ended AFTER UPDATE OF open, parts_delivered ON outbox
  WHEN new.state <> old.state AND new.state <> 'queued' AND new.state <> 'sending' AND new.state <> 'sent' BEGIN
  UPDATE totals SET count = count - 1 WHERE name = 'outbox/' || old.state;
  INSERT INTO totals (name, count) VALUES ('outbox/' || new.state, 1)
    ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
)sql";

// The keys of digests, which stay what they are when the box's own is replaced.
constexpr const char* kDigestKeys = R"sql(
CREATE TABLE digest_keys (
  purpose TEXT PRIMARY KEY,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// Linking by PIN (OAuth 1.0a): whose consumer key a token belongs to.
constexpr const char* kPin = R"sql(
ALTER TABLE accounts ADD COLUMN consumer_key TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN refused_at INTEGER;
ALTER TABLE pairings ADD COLUMN consumer_key TEXT NOT NULL DEFAULT '';
ALTER TABLE pairings ADD COLUMN pin INTEGER NOT NULL DEFAULT 0;
ALTER TABLE revocations ADD COLUMN consumer_key TEXT NOT NULL DEFAULT '';
)sql";

constexpr std::array kSteps = {kFirst,        kCodes,      kPinTries,  kOptOuts,      kOnePairing,
                               kModemFigures, kSameWords,  kCodePlace, kSettledParts, kUnclear,
                               kEndedReplies, kDigestKeys, kPin};

int version_of(Database& db) {
  Statement read(db, "PRAGMA user_version");
  Query query = read.bind();
  return query.next() ? static_cast<int>(query.integer(0)) : 0;
}

// A step may be wrong in a way that nobody has thought of, and its rows are people's tokens.
Result<void> copy_before_step(Database& db, int version) {
  const std::string path = db.path();
  if (path.empty()) return {};  // in memory
  const std::string copy = path + ".before-" + std::to_string(version);
  const std::string draft = copy + ".new";
  ::unlink(draft.c_str());  // left by somebody who was stopped here
  Statement(db, "VACUUM INTO ?1").bind(draft).run();
  return put_in_place(draft, copy);
}

}  // namespace

int schema_version() {
  return static_cast<int>(kSteps.size());
}

Result<void> migrate(Database& db) {
  return migrate_by(db, kSteps);
}

Result<void> migrate_by(Database& db, std::span<const char* const> steps) {
  const auto lock = db.lock();
  const int version = version_of(db);
  const int newest = static_cast<int>(steps.size());
  if (version > newest) {
    return fail(Errc::unsupported,
                "the database has schema version " + std::to_string(version) +
                    " and this program knows only " + std::to_string(newest) +
                    ": install the newer program that wrote it, or restore an older backup");
  }
  if (version > 0 && version < newest) {
    if (auto copied = copy_before_step(db, version); !copied) return copied;
  }
  for (int step = version; step < newest; ++step) {
    Transaction transaction(db);
    db.execute(steps[static_cast<std::size_t>(step)]);
    db.execute(("PRAGMA user_version = " + std::to_string(step + 1)).c_str());
    transaction.commit();
  }
  return {};
}

Result<void> check_version(Database& db) {
  const auto lock = db.lock();
  const int version = version_of(db);
  if (version == schema_version()) return {};
  return fail(Errc::unsupported, "the database has schema version " + std::to_string(version) +
                                     " and this program reads " + std::to_string(schema_version()) +
                                     ": use the pigeon and pigeond of one version");
}

}  // namespace pigeon::store
