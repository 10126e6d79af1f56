// The one database of a box, with all its tables. Threads meet here and nowhere else: every operation is
// thread-safe, and a committed row plus a Wakeup is how one thread gives work to another.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/fd.h"
#include "store/accounts.h"
#include "store/budgets.h"
#include "store/checkpointer.h"
#include "store/conditions.h"
#include "store/digest_keys.h"
#include "store/erasure.h"
#include "store/inbox.h"
#include "store/jobs.h"
#include "store/key_rotation.h"
#include "store/modem_states.h"
#include "store/opt_outs.h"
#include "store/outbox.h"
#include "store/owner_lock.h"
#include "store/pairings.h"
#include "store/parts.h"
#include "store/people.h"
#include "store/pin_tries.h"
#include "store/posts.h"
#include "store/retention.h"
#include "store/revocations.h"
#include "store/secret_box.h"
#include "store/seen.h"
#include "store/settlement.h"
#include "store/sqlite.h"
#include "store/status_reports.h"
#include "store/survey.h"
#include "store/timekeeping.h"

namespace pigeon::store {

class Store {
 public:
  enum class Access { owner, reader };
  // owner: creates and migrates the database and the key; one process at a time (Errc::conflict names the
  // other), and only with the key that the rows were sealed with (key_check.h). reader: for the command line,
  // beside a running daemon; changes nothing. A database from a newer version is Errc::unsupported; the
  // message says which version wrote it. `clock` is borrowed.
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(const std::string& path,
                                                           const std::string& key_file,
                                                           Access access = Access::owner,
                                                           const Clock& clock = system_clock());

  // Whether a process holds the database at `path` as its owner now: whether the daemon runs.
  [[nodiscard]] static bool is_owned(const std::string& path) { return store::is_owned(path); }

  // Everything that was committed is on the disk when it returns: before acting outside on what another
  // thread has committed. StorageError.
  void sync() { db_->sync(); }
  // For who can wait until somebody else syncs; see GroupCommit.
  [[nodiscard]] std::uint64_t commits() const { return db_->commits().commits(); }
  [[nodiscard]] bool is_synced(std::uint64_t commits) const { return db_->commits().is_synced(commits); }
  // The storage's failure now: what this owner has met, or what the owner of `path` has written down.
  [[nodiscard]] std::optional<StorageFailure> storage_failure() const { return db_->health().failure(); }
  [[nodiscard]] static std::optional<StorageFailure> storage_failure(const std::string& path);
  // Called when something that is wrong begins or ends, by the thread that saw it and under the database's
  // lock, so it must ask nothing back. Before the threads start.
  void on_change(std::function<void()> changed);

  // A new key for everything that is sealed; see rotate_key(). One thread.
  [[nodiscard]] Result<Rotated> rotate_key() { return store::rotate_key(*db_, box_, key_file_); }

  // What a start has to write: done now, or, while the storage fails, as the first part of the next
  // transaction that is committed. Damage is thrown (StorageError).
  void at_start(std::function<void(Transaction&)> action);
  // Several operations as one; all or none.
  [[nodiscard]] Transaction begin() { return Transaction(*db_); }
  // A whole text, open and with the job that decides about it, and the parts that it was made of; its id.
  [[nodiscard]] std::int64_t take(Transaction& transaction, const NewMessage& message,
                                  std::span<const std::int64_t> message_parts);
  // The next job of the lane, in the caller's hands; see Jobs::claim. Not inside a transaction.
  [[nodiscard]] Jobs::Claim claim(Lane lane, UtcTime now);
  // The intent to post, on the disk when it returns; see Posts::begin.
  void begin_post(std::int64_t post, std::string_view user_id, UtcTime now);
  // What one try at `job` came to; see settlement.h.
  [[nodiscard]] bool settle(Transaction& transaction, const Job& job, const Message& message,
                            const std::optional<Post>& post, const Settlement& settlement, UtcTime now) {
    return store::settle(transaction, {jobs, inbox, posts, outbox, accounts}, job, message, post, settlement,
                         now);
  }

 private:
  struct Keys {
    std::string file;
    SecretBox box;
    DigestKeys digests;
  };

  std::unique_ptr<Database> db_;
  Fd owner_lock_;
  const std::string key_file_;
  SecretBox box_;  // read and replaced under the database's lock

 public:
  Jobs jobs;
  Parts parts;
  Seen seen;
  Inbox inbox;
  Posts posts;
  Accounts accounts;
  Revocations revocations;
  Pairings pairings;
  Budgets budgets;
  OptOuts opt_outs;
  Outbox outbox;
  StatusReports status_reports;
  Conditions conditions;
  ModemStates modems;
  PinTries pins;
  Timekeeping time;
  Survey survey;
  Retention retention;
  People people;
  Erasure erasure;

 private:
  std::optional<Checkpointer> checkpointer_;  // the owner's
  Store(std::unique_ptr<Database> db, Fd owner_lock, Keys keys, const Clock& clock);
};

}  // namespace pigeon::store
