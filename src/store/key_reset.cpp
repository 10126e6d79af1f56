// Giving up what is sealed; see key_reset.h.
#include "store/key_reset.h"

#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/log.h"
#include "store/key_check.h"
#include "store/migrations.h"
#include "store/owner_lock.h"
#include "store/sqlite.h"

namespace pigeon::store {
namespace {

std::int64_t count(Database& db, const char* sql) {
  Statement read(db, sql);
  Query query = read.bind();
  return query.next() ? query.integer(0) : 0;
}

LostWithKey lost_with_key(Database& db) {
  return {.accounts = count(db, "SELECT count(*) FROM accounts WHERE state = 'linked'"),
          .pairings = count(db, "SELECT count(*) FROM pairings WHERE state IN ('started','authorised')"),
          .revocations = count(db, "SELECT count(*) FROM revocations"),
          .opt_outs = count(db, "SELECT count(*) FROM opt_outs")};
}

// Each phone keeps its row, and so who it was. Jobs about revocations that are gone end by themselves.
void give_up(Transaction& transaction, Database& db, UtcTime now) {
  Statement(db,
            "UPDATE accounts SET state = 'broken', broken_at = coalesce(broken_at, ?1),"
            " refresh_in_flight = 0, access_token = x'', refresh_token = NULL")
      .bind(now)
      .run(transaction);
  for (const char* sql :
       {"UPDATE pairings SET state = 'dropped', oauth_state_hash = NULL, cookie_hash = NULL, verifier = NULL,"
        " access_token = NULL, refresh_token = NULL, text_back_digest = NULL, text_back_code = NULL"
        " WHERE state IN ('started','authorised')",
        "UPDATE pairings SET verifier = NULL, access_token = NULL, refresh_token = NULL,"
        " text_back_digest = NULL, text_back_code = NULL",
        "DELETE FROM revocations", "DELETE FROM opt_outs", "DELETE FROM pin_tries", "DELETE FROM seen",
        "DELETE FROM slots", "DELETE FROM digest_keys", "DELETE FROM key_check"})
    Statement(db, sql).bind().run(transaction);
}

// Only a file that is not there is made: one that holds something may be somebody's only copy of it.
Result<void> make_key(const std::string& key_file) {
  auto box = SecretBox::open(key_file);
  if (!box && box.error().code == Errc::not_found) box = SecretBox::create(key_file);
  if (box) return {};
  Error error = box.error();
  if (error.code == Errc::bad_input) error.message += "; move the file away, and a new key is made";
  return tl::unexpected(error);
}

}  // namespace

Result<LostWithKey> reset_key(const std::string& path, const std::string& key_file, Reset how, UtcTime now) {
  if (::access(path.c_str(), F_OK) != 0) return fail_errno(path, errno);
  const auto owner = take_ownership(path);
  if (!owner) return tl::unexpected(owner.error());
  Database db(path);
  if (auto migrated = migrate(db); !migrated) return fail(path, migrated.error());
  const LostWithKey lost = lost_with_key(db);
  if (check_key(db, key_file)) return fail(Errc::unsupported, "the key opens this database: nothing is lost");
  if (how == Reset::only_look) return lost;
  if (auto made = make_key(key_file); !made) return tl::unexpected(made.error());
  Transaction transaction(db);
  give_up(transaction, db, now);
  // The new canary comes with the same commit.
  if (auto box = open_box(db, key_file); !box) return tl::unexpected(box.error());
  transaction.commit();
  log::notice("store",
              "the database's key is given up: " + std::to_string(lost.accounts) + " people must link again");
  return lost;
}

}  // namespace pigeon::store
