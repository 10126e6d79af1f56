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
  ending TEXT CHECK (ending IN ('posted','answered','refused','unclear','ignored')),
  told_saved INTEGER NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX inbox_open ON inbox (id) WHERE ending IS NULL;

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
  state TEXT NOT NULL CHECK (state IN ('held','waiting','joined','ignored','quarantined')),
  message_id INTEGER REFERENCES inbox (id),
  reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX parts_waiting ON parts (sender) WHERE state = 'waiting';
CREATE INDEX parts_held ON parts (modem) WHERE state = 'held';
CREATE INDEX parts_kept ON parts (state, reason) WHERE state IN ('ignored','quarantined');
CREATE INDEX parts_quarantined ON parts (id) WHERE state = 'quarantined';

CREATE TABLE posts (
  id INTEGER PRIMARY KEY,
  message_id INTEGER NOT NULL REFERENCES inbox (id),
  ordinal INTEGER NOT NULL,
  phone TEXT NOT NULL,
  user_id TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned','sending','posted','unclear','refused','deleted')),
  network_id TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  begun_at INTEGER NOT NULL DEFAULT 0,
  doubt TEXT NOT NULL DEFAULT '' CHECK (doubt IN ('','answered','silence','duplicate')),
  doubt_since INTEGER NOT NULL DEFAULT 0,
  looks INTEGER NOT NULL DEFAULT 0,
  doubts INTEGER NOT NULL DEFAULT 0,
  ended_at INTEGER,
  UNIQUE (message_id, ordinal)
) STRICT;
CREATE INDEX posts_network_id ON posts (network_id) WHERE network_id <> '';
CREATE INDEX posts_phone ON posts (phone);

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('text','post','revocation','expiry','announcement','pruning')),
  lane TEXT NOT NULL CHECK (lane IN ('local','network')),
  queue TEXT NOT NULL,
  subject INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  probes INTEGER NOT NULL DEFAULT 0,
  gate TEXT NOT NULL DEFAULT '' CHECK (gate IN ('','api','token_endpoint','credits','keys','app_limit')),
  ready INTEGER NOT NULL,
  set_aside INTEGER NOT NULL DEFAULT 0,
  turn INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_queue ON jobs (lane, queue, id) WHERE set_aside = 0;
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

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  modem TEXT NOT NULL,
  phone TEXT NOT NULL,
  text TEXT NOT NULL,
  message_id INTEGER REFERENCES inbox (id),
  kind TEXT NOT NULL CHECK (kind IN ('answer','link','saved','outcome','announcement','stop')),
  pairing_id INTEGER REFERENCES pairings (id) ON DELETE SET NULL,
  state TEXT NOT NULL CHECK (state IN ('queued','sending','sent','delivered','undelivered','failed','dropped')),
  due_at INTEGER NOT NULL,
  expires_at INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  interrupted INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0,
  unplugged INTEGER NOT NULL DEFAULT 0,
  parts_sent INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  sent_at INTEGER,
  error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_open ON outbox (modem, due_at) WHERE state IN ('queued','sending');
CREATE INDEX outbox_person ON outbox (modem, phone, id) WHERE state IN ('queued','sending');
CREATE INDEX outbox_links ON outbox (modem, expires_at) WHERE state = 'queued' AND kind = 'link';
CREATE INDEX outbox_pairing ON outbox (pairing_id) WHERE pairing_id IS NOT NULL;

CREATE TABLE outbox_parts (
  outbox_id INTEGER NOT NULL REFERENCES outbox (id),
  number INTEGER NOT NULL,
  phone TEXT NOT NULL,
  reference INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('sent','delivered','undelivered')),
  PRIMARY KEY (outbox_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_parts_reference ON outbox_parts (phone, reference) WHERE state = 'sent';

CREATE TABLE accounts (
  phone TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('linked','broken')),
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
  state TEXT NOT NULL CHECK (state IN ('offered','started','authorised','linked','failed','dropped')),
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
CREATE INDEX pairings_phone ON pairings (phone);
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

CREATE TABLE seen (
  digest BLOB PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_expiry ON seen (expires_at);

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
CREATE INDEX answers_expiry ON answers (expires_at);

-- What has ended by its last state, and accounts by theirs: counted as it happens, because rows are many and `pigeon` is asked often.
CREATE TABLE totals (
  name TEXT PRIMARY KEY,
  count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER inbox_ended AFTER UPDATE OF ending ON inbox WHEN new.ending IS NOT old.ending BEGIN
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
  WHEN new.state NOT IN ('queued','sending') AND new.state <> old.state BEGIN
  UPDATE totals SET count = count - 1 WHERE name = 'outbox/' || old.state;
  INSERT INTO totals (name, count) VALUES ('outbox/' || new.state, 1)
    ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;

CREATE TABLE unanswered (
  budget TEXT PRIMARY KEY,
  count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array kSteps = {kFirst};

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
