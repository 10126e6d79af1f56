// Opening a box's database; see store.h.
#include "store/store.h"

#include <unistd.h>

#include <cerrno>

#include "base/log.h"
#include "store/key_check.h"
#include "store/migrations.h"
#include "store/owner_lock.h"

namespace pigeon::store {

Store::Store(std::unique_ptr<Database> db, Fd owner_lock, Keys keys, const Clock& clock)
    : db_(std::move(db)),
      owner_lock_(std::move(owner_lock)),
      key_file_(std::move(keys.file)),
      box_(keys.box),
      jobs(*db_),
      parts(*db_),
      seen(*db_, keys.digests.seen),
      inbox(*db_, jobs),
      posts(*db_),
      accounts(*db_, box_),
      revocations(*db_, box_, jobs),
      pairings(*db_, box_, keys.digests.codes, {accounts, jobs, revocations}),
      budgets(*db_),
      opt_outs(*db_, keys.digests.opt_outs),
      outbox(*db_, pairings, budgets, opt_outs),
      status_reports(*db_),
      conditions(*db_),
      modems(*db_, conditions),
      pins(*db_, keys.digests.pins),
      time(*db_, clock),
      survey(*db_, conditions),
      retention(*db_),
      people(*db_),
      erasure(*db_) {
  if (!owner_lock_) return;
  on_change({});
  checkpointer_.emplace(*db_);
}

void Store::at_start(std::function<void(Transaction&)> action) {
  db_->at_first(std::move(action));
  try {
    begin().commit();
  } catch (const StorageError& error) {
    const auto failure = failure_of(error.sqlite_code());
    if (!failure || *failure == StorageFailure::Kind::damaged) throw;
    log::error("store", "what a start writes down waits for the storage: " + std::string(error.what()));
  }
}

std::int64_t Store::take(Transaction& transaction, const NewMessage& message,
                         std::span<const std::int64_t> message_parts) {
  const std::int64_t id = inbox.add(transaction, message);
  for (const std::int64_t part : message_parts) parts.join(transaction, part, id);
  return id;
}

Jobs::Claim Store::claim(Lane lane, UtcTime now) {
  const auto lock = db_->lock();
  Jobs::Claim claim = jobs.claim(lane, now);
  if (claim.job || !claim.next || *claim.next > now) return claim;
  auto transaction = begin();
  jobs.fall_due(transaction, lane, now);
  transaction.commit_for_later();  // which of them are due is found out again
  return jobs.claim(lane, now);
}

void Store::begin_post(std::int64_t post, std::string_view user_id, UtcTime now) {
  auto transaction = begin();
  posts.begin(transaction, post, user_id, now);
  transaction.commit();
}

void Store::on_change(std::function<void()> changed) {
  conditions.on_change(changed);
  db_->health().on_change([this, changed = std::move(changed)] {
    write_record(owner_lock_.get(), db_->health().failure());
    if (changed) changed();
  });
}

Result<std::unique_ptr<Store>> Store::open(const std::string& path, const std::string& key_file,
                                           Access access, const Clock& clock) {
  Fd owner_lock;
  if (access == Access::owner) {
    auto lock = take_ownership(path);
    if (!lock) return tl::unexpected(lock.error());
    owner_lock = std::move(*lock);
  } else if (::access(path.c_str(), R_OK | W_OK) != 0) {
    return fail_errno(path, errno);  // a WAL reader writes the shared index, so reading alone is not enough
  }
  try {
    auto db = std::make_unique<Database>(path);
    auto current = access == Access::owner ? migrate(*db) : check_version(*db);
    if (!current) return fail(path, current.error());
    // A reader shows counts and states, never tokens: it needs no key and must not make one.
    Keys keys{key_file, SecretBox(SecretBox::Key{}), DigestKeys::worthless()};
    if (access == Access::owner) {
      auto box = open_box(*db, key_file);
      if (!box) return tl::unexpected(box.error());
      auto digests = DigestKeys::open(*db, *box);
      if (!digests) return tl::unexpected(digests.error());
      keys = {key_file, *box, *digests};
    }
    std::unique_ptr<Store> store(new Store(std::move(db), std::move(owner_lock), std::move(keys), clock));
    if (access == Access::owner)
      store->at_start([&time = store->time](Transaction& transaction) { time.start(transaction); });
    return store;
  } catch (const StorageError& error) {
    const auto failure = failure_of(error.sqlite_code());
    if (failure == StorageFailure::Kind::damaged)
      return fail(Errc::bad_input, path + " is damaged: " + error.what());
    return fail(failure ? Errc::io : Errc::bad_input, error.what(), failure ? Retry::yes : Retry::no);
  }
}

std::optional<StorageFailure> Store::storage_failure(const std::string& path) {
  return store::is_owned(path) ? read_record(path + ".lock") : std::nullopt;
}

}  // namespace pigeon::store
